"""Plain HTML handed over as one component."""

from __future__ import annotations

import pytest
from dash import dcc, html

from dashboard.components.drawn import drawing
from dashboard.components.told import button, elapsed, number_of
from dashboard.wording import Words


def test_html_becomes_elements_and_nothing_is_lost():
    part = html.P(["a ", html.Code("<b>"), None, 3], className="quiet", **{"aria-label": "x"})
    assert drawing([part, [html.Br()], "end"]) == [
        ["p", {"className": "quiet", "aria-label": "x"}, ["a ", ["code", {}, ["<b>"]], "3"]],
        ["br", {}, []],
        "end",
    ]


def test_a_control_of_dash_is_refused():
    with pytest.raises(TypeError, match="Store"):
        drawing([html.Div(dcc.Store(id="x"))])


def test_a_button_waits_for_a_name_and_says_of_what_it_is():
    ((tag, told, inside),) = drawing([button("Go", "rollback", release="000001-a", confirm="Sure")])
    assert (tag, inside) == ("button", ["Go"])
    assert told["disabled"] is True
    assert told["data-release"] == "000001-a"
    assert told["data-confirm"] == "Sure"


@pytest.mark.parametrize(
    ("seconds", "said"), [(-3, "0 s"), (59.4, "59 s"), (60, "1 min 0 s"), (3725, "62 min 5 s")]
)
def test_elapsed(seconds, said):
    assert elapsed(Words("fr"), seconds) == said


def test_a_release_is_called_by_its_number():
    assert number_of(Words("fr"), "000012-abc") == "n° 12"
    assert number_of(Words("en"), "odd") == "odd"
