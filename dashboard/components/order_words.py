"""What a priority order says in words: who is first for sure, why there is none, how it is made."""

from __future__ import annotations

import pandas as pd
from dash import html
from dash.development.base_component import Component

from dashboard.ordering import Ordering
from dashboard.pages import View
from dashboard.standing import per_cent, why_unordered
from dashboard.wording import Words
from geodata.methods.priority_order import DRAWS, WEIGHTINGS

#: So many names are said, then how many more there are.
_NAMED = 8


def order_facts(view: View, made: Ordering) -> list[Component]:
    """Which areas are in the first fifth for sure, which stay on top whatever the weights."""
    words = view.words
    return [
        html.H2(words("priorities.facts")),
        html.Ul(
            [
                html.Li(_surely(view, made)),
                html.Li(_whatever(view, made)),
                *([html.Li(_other_weights(view))] if view.selection.weights else []),
                *_left_out(view, made),
                *_selected(view, made),
            ]
        ),
    ]


def why_no_order(view: View) -> list[Component]:
    """Why no area can be ranked, and what to do."""
    words, known = view.words, view.catalogue
    if not known.priorities:
        return [html.P(words("priorities.none_declared"), className="note")]
    chosen = view.selection
    priority = known.priorities.get(chosen.priority) or next(iter(known.priorities.values()))
    lines = []
    if chosen.weights and chosen.level in view.offer.priorities.get(chosen.priority, ()):
        declared = html.A(words("priorities.weights_reset"), href=chosen.changed(weights=()).url())
        lines.append(html.P([words("priorities.none_weights"), " ", declared], className="note"))
    else:
        why = why_unordered(view.reader, priority, chosen.level, has_order=False)
        lines.append(html.P([words("priorities.none"), " ", why], className="note"))
        lines.append(html.P(words("priorities.none_mend")))
    return [html.P(words.of(priority.name), className="subtitle"), *lines]


def method_notes(view: View) -> list[Component]:
    """How the order is made and how its numbers are to be read."""
    words = view.words
    head: list[Component] = [html.H2(words("priorities.method_title"))]
    priority = view.catalogue.priorities.get(view.selection.priority)
    if priority is None:
        return head
    recipe = priority.recipe
    entries = {
        "index": words(
            f"priorities.method_index_{recipe.aggregation}",
            missing=per_cent(words, recipe.most_missing),
        ),
        "interval": words("priorities.method_interval", draws=words.number(DRAWS.count)),
        "weights": words("priorities.method_weights", count=words.number(WEIGHTINGS)),
        "declared": words(
            "priorities.method_declared", day=words.day(priority.declared_on.isoformat())
        ),
        "people": words("priorities.method_people"),
    }
    return [
        *head,
        html.P(words.of(priority.definition)),
        html.Dl(
            [
                part
                for name, text in entries.items()
                for part in (html.Dt(words(f"priorities.method_{name}_title")), html.Dd(text))
            ],
            className="method",
        ),
    ]


def listed_names(words: Words, names: pd.Series) -> str:
    """Names one after the other; of many, the first and how many more."""
    said = ", ".join(names.head(_NAMED))
    more = len(names) - _NAMED
    return f"{said} {words('priorities.and_more', count=words.number(more))}" if more > 0 else said


def _surely(view: View, made: Ordering) -> str:
    words, found = view.words, made.surely_first
    parts = {"fifth": words.number(made.fifth), "ranked": words.number(made.ranked)}
    if found.empty:
        return words("priorities.surely_none", **parts)
    key = "priorities.surely_one" if len(found) == 1 else "priorities.surely"
    count = words.number(len(found))
    return words(key, count=count, names=listed_names(words, found["name"]), **parts)


def _whatever(view: View, made: Ordering) -> str:
    words, found = view.words, made.always_top
    parts = {"top": words.number(made.top), "count": words.number(len(found))}
    size = "one" if made.top == 1 else "many"
    if found.empty:
        return words(f"priorities.always_none_{size}", **parts)
    return words(f"priorities.always_{size}", names=listed_names(words, found["name"]), **parts)


def _other_weights(view: View) -> str:
    return view.words("priorities.own_weights")


def _left_out(view: View, made: Ordering) -> list[Component]:
    """The indicators that the level has too little of to be ordered by, if any."""
    scores = made.parts.groupby("indicator")[["score", "weight"]].max()
    lacking = scores.index[scores["score"].isna() & (scores["weight"] > 0)]
    if lacking.empty:
        return []
    words, known = view.words, view.catalogue.indicators
    names = ", ".join(words.of(known[str(name)].short) for name in lacking)
    share = per_cent(words, float(scores.loc[lacking, "weight"].sum()))
    return [html.Li(words("priorities.left_out", names=names, share=share))]


def _selected(view: View, made: Ordering) -> list[Component]:
    """The rank of the selected area, where it has one."""
    words, key = view.words, view.selection.area
    rows = made.areas[made.areas["area_id"] == (key.area_id if key is not None else "")]
    if rows.empty or pd.isna(rows["rank"].iloc[0]):
        return []
    row = rows.iloc[0]
    said = words(
        "priorities.selected",
        name=row["name"],
        rank=words.number(row["rank"]),
        ranked=words.number(made.ranked),
        low=words.number(row["rank_low"]),
        high=words.number(row["rank_high"]),
    )
    back = html.A(
        words("priorities.back"),
        href=view.selection.changed(area=None).url(),
        className="in-page screen-only",
        id="priorities-back",
    )
    return [html.Li([said, " ", back])]
