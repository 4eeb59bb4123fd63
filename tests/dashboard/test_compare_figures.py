"""The figures that compare areas: pure functions from frames to what plotly draws."""

from __future__ import annotations

import numpy as np
import pandas as pd

from dashboard.ages import BANDS, banded
from dashboard.figures.beeswarm import WIDTH, beeswarm_figure
from dashboard.figures.funnel import funnel_figure
from dashboard.figures.scatter import scatter_figure

ROLES = {"value": "%", "benchmark": "whole", "rest": "a", "alike": "b", "selected": "c"}


def swarm_of(values, roles):
    frame = pd.DataFrame({"value": values, "role": roles, "text": "", "low": 1.0, "high": 3.0})
    return beeswarm_figure(frame, 2.0, ROLES, ",.")


def test_dots_stand_at_their_values_and_never_over_each_other():
    values = np.round(np.random.default_rng(1).normal(2, 1, 300), 1)
    figure = swarm_of(values, ["rest"] * 300)
    (dots,) = figure.data
    assert sorted(dots.x) == sorted(values.tolist())
    low, high = figure.layout.xaxis.range
    along = (np.array(dots.x) - low) / (high - low) * WIDTH
    apart = np.hypot(along[:, None] - along, np.array(dots.y)[:, None] - np.array(dots.y))
    assert apart[~np.eye(300, dtype=bool)].min() >= dots.marker.size - 1e-6


def test_only_the_selected_dot_has_its_interval_and_lies_on_top():
    figure = swarm_of([2.0, 2.0, 2.5], ["selected", "alike", "rest"])
    assert [trace.name for trace in figure.data] == ["a", "b", "c"]
    assert figure.data[-1].error_x.array == (1.0,)
    assert figure.data[0].error_x.array is None
    assert figure.layout.shapes[0].x0 == 2.0


def test_an_endless_pile_has_smaller_dots_rather_than_no_end():
    tall = swarm_of([0.0] * 90 + [5.0], ["rest"] * 91)
    assert tall.data[0].marker.size < 9
    assert tall.layout.height < 600


def test_the_funnel_tells_who_is_beyond_by_shape_and_colour():
    areas = pd.DataFrame(
        {
            "people": [10.0, 100.0, 1000.0],
            "value": [5.0, 9.0, 1.0],
            "standing": ["within", "much_higher", "lower"],
            "text": "",
            "label": ["", "B", ""],
            "is_selected": [True, False, False],
        }
    )
    limits = pd.DataFrame(
        {"people": [10.0, 1000.0], "far_low": 0.0, "low": 1.0, "high": 8.0, "far_high": 9.0}
    )
    words = {
        name: name
        for name in (
            *("within", "much_higher", "lower", "inner", "outer", "selected", "people", "value"),
        )
    }
    figure = funnel_figure(areas, limits, 5.0, words, ",.")
    marks = {trace.name: trace.marker.symbol for trace in figure.data if trace.marker.symbol}
    assert marks == {
        "within": "circle",
        "much_higher": "triangle-up",
        "lower": "triangle-down",
        "selected": "circle-open",
    }
    # A name near an end of the scale stands towards the middle, where there is room.
    sides = {trace.name: trace.textposition for trace in figure.data if trace.text}
    assert sides == {
        "within": ("top right",),
        "much_higher": ("top center",),
        "lower": ("top left",),
    }
    assert figure.layout.xaxis.type == "log"
    assert figure.layout.shapes[0].y0 == 5.0


def test_the_surface_of_a_disc_is_as_its_people_and_unknown_people_are_the_smallest():
    areas = pd.DataFrame(
        {
            "x": [1.0, 2.0, 3.0],
            "y": [1.0, 2.0, 3.0],
            "people": [400.0, 100.0, np.nan],
            "text": "",
            "is_selected": False,
        }
    )
    words = {name: name for name in ("x", "y", "areas", "selected")}
    (discs,) = scatter_figure(areas, words, ",.").data
    size = dict(zip(discs.x, discs.marker.size, strict=True))
    assert size[1.0] == 2 * size[2.0]
    assert size[3.0] == min(size.values()) > 0


def test_bands_of_age_are_all_people_once_and_only_where_all_are_known():
    rows = [("2022", "population", 100.0), ("2022", "population_0_14", 20.0)]
    figures = pd.DataFrame(rows, columns=["period", "variable", "value"])
    made = banded(figures, BANDS[1])
    assert [(band.people, band.share) for band in made.bands] == [(20, 0.2), (80, 0.8)]
    assert banded(figures, BANDS[0]) is None
    assert banded(figures, BANDS[1], "2021") is None
    assert banded(figures.assign(value=[10.0, 20.0]), BANDS[1]) is None
    assert banded(figures.assign(value=[np.nan, 20.0]), BANDS[1]) is None
