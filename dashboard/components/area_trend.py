"""The trend of one area beside the territory and the country: a sentence, a drawing, a table."""

from __future__ import annotations

import pandas as pd
from dash import dcc, html
from dash.development.base_component import Component

from dashboard.components.reading import Reading, chosen_indicator, series_of
from dashboard.figures.trend import trend_figure
from dashboard.pages import View
from geodata.methods.trend import change_since_first
from geodata.model import AreaKey, Status

#: Statuses of values that the trend draws hollow.
_HOLLOW = (Status.ESTIMATED.value, Status.IMPUTED.value)


def area_trend(
    view: View, series: pd.DataFrame, here: Reading, names: dict[AreaKey, str]
) -> list[Component]:
    """How the value moved since its first period; ``names`` are those of the areas drawn."""
    words, indicator = view.words, chosen_indicator(view)
    title = html.H3(words("panel.trend"))
    own = series_of(series, here.key)
    known = own.dropna(subset="value")
    if len(known) < 2:
        return [title, html.P(words("panel.one_point" if len(known) else "panel.no_point"))]
    change = change_since_first(known["period"].tolist(), known["value"].tolist())
    assert change.absolute is not None
    decimals = indicator.decimals
    sentence = words(
        "panel.change",
        first=words.number(known["value"].iloc[0], decimals),
        first_period=change.first_period,
        last=words.number(known["value"].iloc[-1], decimals),
        last_period=change.last_period,
        change=words.signed(change.absolute, decimals),
    )
    frame = _trend_frame(view, series, here, names)
    soft = [status for status in _HOLLOW if (known["status"] == status).any()]
    drawn = dcc.Graph(
        figure=trend_figure(frame, separators=words("format.separators")),
        config={"displayModeBar": False, "responsive": True, "staticPlot": False},
        className="trend",
    )
    graph = html.Div(drawn, role="img", **{"aria-label": sentence})
    table = _trend_table(view, frame)
    unit = html.P(words.of(indicator.unit), className="quiet")
    hollow = [html.P(words(f"panel.hollow_{'_'.join(soft)}"), className="quiet")] if soft else []
    return [title, html.P(sentence), unit, graph, table, *hollow]


def _trend_table(view: View, frame: pd.DataFrame) -> Component:
    """The values of the trend for who cannot see it: a row a period, a column a line."""
    words, decimals = view.words, chosen_indicator(view).decimals
    names = list(dict.fromkeys(frame["series"]))
    said = {
        (row["period"], row["series"]): words.value(row["value"], row["status"], decimals)
        for row in frame.to_dict("records")
    }
    period = html.Th(words("map.period"), scope="col")
    heads = [period, *(html.Th(name, scope="col") for name in names)]
    rows = [
        html.Tr(
            [
                html.Th(period, scope="row"),
                *(html.Td(said.get((period, name), words("silence.missing"))) for name in names),
            ]
        )
        for period in sorted(set(frame["period"]))
    ]
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
