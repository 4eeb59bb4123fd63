"""The trend: lines that break where there is no value, hollow where it is estimated."""

from __future__ import annotations

import pandas as pd

from dashboard.figures.trend import trend_figure


def frame(rows, series="Le Puy", role="area"):
    made = pd.DataFrame(rows, columns=["period", "value", "is_firm"])
    return made.assign(series=series, role=role, text="")


def test_a_period_without_a_value_breaks_the_line():
    rows = [("2018", 1.0, True), ("2019", None, True), ("2021", 3.0, False)]
    (line,) = trend_figure(frame(rows), ",\u202f").data
    assert list(line.x) == [2018, 2019, 2020, 2021]
    assert list(line.y) == [1.0, None, None, 3.0]
    assert line.connectgaps is False


def test_estimated_points_are_hollow():
    (line,) = trend_figure(frame([("2018", 1.0, True), ("2019", 2.0, False)]), ",.").data
    filled, hollow = line.marker.color
    assert hollow == "#ffffff" != filled


def test_the_area_is_drawn_above_what_it_is_compared_with():
    rows = [("2018", 1.0, True), ("2019", 2.0, True)]
    both = pd.concat([frame(rows), frame(rows, "France", "country")])
    names = [line.name for line in trend_figure(both, ",.").data]
    assert names == ["France", "Le Puy"]


def test_no_line_crosses_a_break_and_a_mark_stands_there():
    rows = [(str(year), float(year - 2000), True) for year in (2014, 2015, 2016, 2017)]
    figure = trend_figure(frame(rows), ",.", ["2016"])
    (line,), (mark,) = figure.data, figure.layout.shapes
    assert dict(zip(line.x, line.y, strict=True)) == {
        2014: 14.0,
        2015: 15.0,
        2015.5: None,
        2016: 16.0,
        2017: 17.0,
    }
    assert line.connectgaps is False
    assert len(line.marker.color) == len(line.customdata) == len(line.x)
    assert (mark.x0, mark.x1, mark.yref) == (2015.5, 2015.5, "y domain")


def test_a_break_outside_the_drawing_is_not_marked():
    rows = [("2018", 1.0, True), ("2019", 2.0, True)]
    for period in ("2018", "2020", "2002"):
        figure = trend_figure(frame(rows), ",.", [period])
        assert not figure.layout.shapes
        assert list(figure.data[0].x) == [2018, 2019]


def test_a_line_that_begins_after_the_break_has_no_cut():
    old = frame([(str(year), 1.0, True) for year in (2014, 2015, 2016, 2017)], "France", "country")
    new = frame([("2016", 1.0, True), ("2017", 2.0, True)])
    country, area = trend_figure(pd.concat([old, new]), ",.", ["2016"]).data
    assert 2015.5 in country.x
    assert list(area.x) == [2016, 2017]


def test_negative_values_keep_their_own_axis():
    rows = [("2018", -3.0, True), ("2019", 2.0, True)]
    assert trend_figure(frame(rows), ",.").layout.yaxis.rangemode == "normal"
