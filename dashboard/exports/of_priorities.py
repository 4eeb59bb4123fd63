"""The table of the priorities page: the order, how sure it is, and the points of each figure."""

from __future__ import annotations

import pandas as pd

from dashboard import ordering
from dashboard.components.area_filter import kept_order, kept_sentences
from dashboard.components.priority_table import component_names
from dashboard.exports.columns import repeated, silent_words, status_column
from dashboard.exports.context import context, level_one
from dashboard.exports.table import Column, Kind, Table
from dashboard.ordering import Ordering
from dashboard.pages import View
from dashboard.standing import per_cent
from geodata.catalogue.nouns import Priority
from geodata.model import Status

#: Shares as the draws have them: a share that the screen calls hardly any is not written as none.
_SHARES = ("p_worst_fifth", "share_in_top", "missing_weight")
_REPEATED = ("territory", "level", "priority", "release")


def priorities_table(view: View) -> Table | None:
    """The areas in their order, as filters keep them; None where nothing can be ordered."""
    made = ordering.ordering(view.principal, view.release, view.selection)
    if made is None:
        return None
    words, known = view.words, view.catalogue
    priority = known.priorities[view.selection.priority]
    found = kept_order(view, made)
    status = made.areas.set_index("area_id")["status"]
    rows = found.rows.assign(status=found.rows["area_id"].map(status))
    rows = rows.assign(
        **{name: 100 * rows[name].astype("float64") for name in _SHARES},
        territory=words.of(known.territory.name),
        level=level_one(view),
        priority=words.of(priority.name),
        release=view.release.release_id,
    )
    points, silences, statuses = _points(view, made, rows["area_id"])
    indicators = [known.indicators[one.id] for one in priority.recipe.components]
    place = words.of(known.territory.name)
    return Table(
        name="priorities",
        columns=_columns(view, made),
        frame=pd.concat([rows, points], axis=1),
        silences=silences | dict.fromkeys(("value", "rank"), silent_words(words, rows["status"])),
        context=context(
            view,
            f"{words.of(priority.name)} – {place}",
            indicators,
            facts={
                "priority": words.of(priority.name),
                "weights": _weights(view, made),
                "filters": " ".join(kept_sentences(view, found)),
            },
            caveats=[words.of(priority.definition), words("priorities.table_note")],
            statuses={*rows["status"], *statuses},
        ),
        words=words,
        level=view.selection.level,
    )


def _points(
    view: View, made: Ordering, area_ids: pd.Series
) -> tuple[pd.DataFrame, dict[str, pd.Series], set[str]]:
    """The points and the value of every component, a column each; their silences; all statuses."""
    columns: dict[str, pd.Series] = {}
    silences: dict[str, pd.Series] = {}
    statuses: set[str] = set()
    for name in component_names(view):
        part = made.parts[made.parts["indicator"] == name].set_index("area_id")
        part = part.reindex(area_ids).set_axis(area_ids.index)
        status = part["status"].fillna(Status.MISSING.value)
        got = part["contribution"].astype("float64")
        # A component that weighs nothing gives nothing, where its figure is known.
        points = got.mask(part["weight"].eq(0) & part["value"].notna(), 0.0)
        columns |= {
            f"{name}_points": points.where(part["value"].notna()),
            name: part["value"].astype("float64"),
            f"{name}_status": status,
        }
        silent = silent_words(view.words, status)
        silences |= {f"{name}_points": silent, name: silent}
        statuses |= set(status)
    return pd.DataFrame(columns), silences, statuses


def _columns(view: View, made: Ordering) -> tuple[Column, ...]:
    words = view.words
    ranked, fifth, top = (words.number(n) for n in (made.ranked, made.fifth, made.top))
    score = f"{words('priorities.column_score')} ({words('priorities.unit_score')})"

    def share(name: str, key: str, **parts: str) -> Column:
        return Column(name, words(f"export.{key}", **parts), Kind.NUMBER, "%", 1)

    return (
        Column("rank", words("priorities.column_rank"), Kind.NUMBER),
        Column("name", words("priorities.column_name")),
        Column("area_id", words("gap_context.area_id")),
        Column("rank_low", words("export.rank_low", ranked=ranked), Kind.NUMBER),
        Column("rank_high", words("export.rank_high", ranked=ranked), Kind.NUMBER),
        share("p_worst_fifth", "worst_fifth", fifth=fifth),
        share("share_in_top", "in_top", top=top),
        Column("value", score, Kind.NUMBER, words("priorities.unit_score"), 1),
        status_column(words, words("gap_context.status")),
        share("missing_weight", "missing_weight"),
        *(column for name in component_names(view) for column in _component(view, made, name)),
        *repeated({name: words(f"export.{name}") for name in _REPEATED}),
    )


def _component(view: View, made: Ordering, name: str) -> tuple[Column, ...]:
    words, indicator = view.words, view.catalogue.indicators[name]
    short, unit = words.of(indicator.short), words.of(indicator.unit)
    dated = made.parts.loc[(made.parts["indicator"] == name) & (made.parts["period"] != "")]
    period = f", {dated['period'].iloc[0]}" if len(dated) else ""
    status = status_column(words, words("export.status_of", name=short))
    return (
        Column(f"{name}_points", words("export.points_of", name=short), Kind.NUMBER, "points", 1),
        Column(name, f"{short} ({unit}{period})", Kind.NUMBER, unit, indicator.decimals),
        Column(f"{name}_status", status.title, Kind.CODE, said=status.said),
    )


def _weights(view: View, made: Ordering) -> str:
    """The share of each component, and whether they are the declared ones."""
    words = view.words
    names = component_names(view).values()
    said = ", ".join(
        f"{name} {per_cent(words, share)}" for name, share in zip(names, made.weights, strict=True)
    )
    whose = words("priorities.own_weights") if view.selection.weights else _declared(view)
    return f"{said}. {whose}"


def _declared(view: View) -> str:
    priority: Priority = view.catalogue.priorities[view.selection.priority]
    day = view.words.day(priority.declared_on.isoformat())
    return view.words("export.weights_declared", day=day)
