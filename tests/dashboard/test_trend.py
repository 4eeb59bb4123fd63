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


def test_negative_values_keep_their_own_axis():
    rows = [("2018", -3.0, True), ("2019", 2.0, True)]
    assert trend_figure(frame(rows), ",.").layout.yaxis.rangemode == "normal"
