"""The trend of one area beside the territory and the country: a sentence, a drawing, a table."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from dash import html
from dash.development.base_component import Component

from dashboard import data
from dashboard.components.chart import chart
from dashboard.components.reading import Reading, chosen_indicator, series_of
from dashboard.figures.trend import trend_figure
from dashboard.pages import View
from dashboard.worth import trend_sentences
from geodata.catalogue.nouns import Break
from geodata.methods.trend import change_since_first
from geodata.model import AreaKey, Status

#: Statuses of values that the trend draws hollow.
_HOLLOW = (Status.ESTIMATED.value, Status.IMPUTED.value)


def area_trend(
    view: View, series: pd.DataFrame, here: Reading, names: dict[AreaKey, str]
) -> list[Component]:
    """How the value moved since its first period, or since its series last broke.

    ``names`` are those of the areas drawn.
    """
    words, indicator = view.words, chosen_indicator(view)
    title = html.H3(words("panel.trend"))
    own = series_of(series, here.key)
    known = own.dropna(subset="value")
    if len(known) < 2:
        return [title, html.P(words("panel.one_point" if len(known) else "panel.no_point"))]
    frame = _trend_frame(view, series, here, names)
    breaks = _breaks_within(indicator.breaks_at(here.key.level), frame)
    sentence = _change_words(view, known, [one.period for one in breaks])
    broken = [words("panel.break", period=one.period, why=words.of(one.why)) for one in breaks]
    soft = [status for status in _HOLLOW if (known["status"] == status).any()]
    figure = trend_figure(frame, words("format.separators"), [one.period for one in breaks])
    titled = words("chart.list").join(
        [words.of(indicator.name), words.of(indicator.unit), names[here.key]]
    )
    tested = trend_sentences(
        words, data.trends(view.principal, view.release, indicator.id, here.key)
    )
    hollow = [words(f"panel.hollow_{'_'.join(soft)}")] if soft else []
    graph = chart(
        view,
        figure,
        " ".join([sentence, *broken]),
        "trend",
        titled,
        [indicator],
        " ".join([sentence, *tested, *hollow, *broken]),
    )
    return [
        title,
        html.P(sentence),
        *(html.P(said, className="verdict") for said in tested),
        html.P(words.of(indicator.unit), className="quiet"),
        graph,
        _trend_table(view, frame, breaks),
        *(html.P(said, className="quiet") for said in (*hollow, *broken)),
    ]


def _breaks_within(breaks: Sequence[Break], frame: pd.DataFrame) -> list[Break]:
    """The breaks that have a period of the drawing on both sides."""
    periods = frame["period"]
    return [one for one in breaks if periods.min() < one.period <= periods.max()]


def _change_words(view: View, known: pd.DataFrame, breaks: Sequence[str]) -> str:
    """How far the known values moved since the first one, or since the series last broke."""
    words, decimals = view.words, chosen_indicator(view).decimals
    change = change_since_first(known["period"].tolist(), known["value"].tolist(), breaks)
    if change.absolute is None:
        return words("panel.one_since_break", period=change.first_period)
    first = known.loc[known["period"] == change.first_period, "value"].iloc[0]
    return words(
        "panel.change",
        first=words.number(first, decimals),
        first_period=change.first_period,
        last=words.number(known["value"].iloc[-1], decimals),
        last_period=change.last_period,
        change=words.signed(change.absolute, decimals),
    )


def _trend_table(view: View, frame: pd.DataFrame, breaks: Sequence[Break]) -> Component:
    """The values of the trend for who cannot see it: a row a period, a column a line.

    The reason of a break stands before the first period that means something else.
    """
    words, decimals = view.words, chosen_indicator(view).decimals
    names = list(dict.fromkeys(frame["series"]))
    said = {
        (row["period"], row["series"]): words.value(row["value"], row["status"], decimals)
        for row in frame.to_dict("records")
    }
    period = html.Th(words("map.period"), scope="col")
    heads = [period, *(html.Th(name, scope="col") for name in names)]
    left = list(breaks)
    rows = []
    for year in sorted(set(frame["period"])):
        while left and left[0].period <= year:
            broken = left.pop(0)
            why = words("panel.break", period=broken.period, why=words.of(broken.why))
            rows.append(html.Tr(html.Td(why, colSpan=len(heads))))
        cells = [html.Td(said.get((year, name), words("silence.missing"))) for name in names]
        rows.append(html.Tr([html.Th(year, scope="row"), *cells]))
    caption = html.Caption(words("panel.trend"))
    table = html.Table([caption, html.Thead(html.Tr(heads)), html.Tbody(rows)])
    return html.Div(table, className="hidden")


def _trend_frame(
    view: View, series: pd.DataFrame, here: Reading, names: dict[AreaKey, str]
) -> pd.DataFrame:
    """The lines of the trend, as :func:`trend_figure` takes them: country, territory, area."""
    words, territory = view.words, view.catalogue.territory
    decimals = chosen_indicator(view).decimals
    roles = {territory.country: "country", territory.area: "territory", here.key: "area"}
    lines = []
    for key, role in roles.items():
        line = series_of(series, key)
        if line["value"].notna().sum() > 1:
            name = names.get(key, key.area_id)
            lines.append(line.assign(series=name, role=role))
    frame = pd.concat(lines)
    frame["is_firm"] = frame["status"] == Status.OBSERVED.value
    frame["text"] = [
        words(
            "format.labelled",
            label=row["series"],
            value=words.value(row["value"], row["status"], decimals),
        )
        for row in frame.to_dict("records")
    ]
    return frame
