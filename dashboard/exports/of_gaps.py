"""The table of the gap page: rows that filters keep, columns, order and rounding as on the screen.

What the screen says in words (an interval, whether a gap is certain) is there as its numbers.
"""

from __future__ import annotations

from dashboard.components.area_filter import kept_gaps, kept_sentences
from dashboard.components.engine import drawn_words, nearest_words
from dashboard.components.gap_table import (
    Column as Figure,
)
from dashboard.components.gap_table import (
    column_title,
    column_unit,
    file_columns,
    gap_order,
    order_title,
    titled,
)
from dashboard.exports.columns import flag_texts, repeated, silent_words, status_column
from dashboard.exports.context import all_flags, context, level_one
from dashboard.exports.table import Column, Kind, Table
from dashboard.pages import View
from geodata.catalogue.nouns import Indicator
from geodata.model import Status


def gaps_table(view: View) -> Table:
    """The ranked rows, in the order and under the filters of the address."""
    words, known, chosen = view.words, view.catalogue, view.selection
    found, figures = kept_gaps(view), file_columns(view)
    service = known.services[chosen.service]
    standard = words.of(service.standard(chosen.standard).name)
    rows = found.rows
    is_secret = rows["status"] == Status.SUPPRESSED
    rows = rows.assign(
        **{one.name: rows[one.name].mask(is_secret) for one in figures},
        rank=rows["rank"].mask(is_secret),
        to_know=flag_texts(words, rows["flags"]),
        territory=words.of(known.territory.name),
        level=level_one(view),
        service=words.of(service.name),
        standard=standard,
        period=chosen.period,
        release=view.release.release_id,
    )
    indicators = _indicators(view)
    kind = known.period_kind(indicators[0])
    silent = silent_words(words, rows["status"])
    name, place = words.of(service.name), words.of(known.territory.name)
    return Table(
        name="gaps",
        columns=_columns(view, figures),
        frame=rows,
        silences={one.name: silent for one in figures},
        context=context(
            view,
            words("export.gaps_title", service=name, territory=place),
            indicators,
            facts={
                "service": name,
                "standard": standard,
                "period": words.period(kind, chosen.period),
                "order": _order(view),
                "filters": " ".join(kept_sentences(view, found)),
            },
            caveats=_caveats(view),
            statuses=set(rows["status"]),
            flags=all_flags(rows["flags"].unique()),
        ),
        words=words,
        level=chosen.level,
    )


def _columns(view: View, figures: tuple[Figure, ...]) -> tuple[Column, ...]:
    words = view.words

    def title(name: str) -> str:
        return words(f"gap_context.{name}")

    return (
        Column("rank", words("gap_column.rank"), Kind.NUMBER),
        Column("name", column_title(words, "name")),
        *(
            Column(
                one.name,
                titled(words, one.heading),
                Kind.NUMBER,
                column_unit(words, one.heading),
                one.decimals,
                one.is_signed,
            )
            for one in figures
        ),
        Column("area_id", title("area_id")),
        *repeated({x: title(x) for x in ("territory", "level", "service", "standard", "period")}),
        status_column(words, title("status")),
        Column("to_know", title("flags")),
        *repeated({"release": title("release")}),
    )


def _indicators(view: View) -> list[Indicator]:
    """What the catalogue says of the gaps of the selected service under its standard."""
    chosen = view.selection
    return [
        one
        for one in view.catalogue.indicators.values()
        if one.coverage is not None
        and (one.coverage.service, one.coverage.standard) == (chosen.service, chosen.standard)
    ]


def _order(view: View) -> str:
    words, order = view.words, gap_order(view)
    way = words("gaps.descending" if order.descending else "gaps.ascending")
    return words("export.order_said", column=order_title(words, order.name), way=way)


def _caveats(view: View) -> list[str]:
    is_finest = view.selection.level == view.catalogue.territory.finest_level
    return [drawn_words(view), *([nearest_words(view)] if is_finest else ())]
