"""The table of the chain page: an area a row, a link of the care chain a column."""

from __future__ import annotations

import pandas as pd

from dashboard.chain import STATES, state_words
from dashboard.chain_matrix import Column as Link
from dashboard.chain_matrix import Matrix, summary
from dashboard.components.chain_table import first_words
from dashboard.components.selected_chains import areas_word, selected_matrix
from dashboard.exports.columns import repeated
from dashboard.exports.context import context, level_one
from dashboard.exports.table import Column, Kind, Table
from dashboard.pages import View

_VERDICTS = ("broken", "unknown", "holds")
#: The code of a step that no service is described for.
_NOBODY = "none"


def chain_table(view: View) -> Table | None:
    """The chains in the order of the page; None where their areas are too many to be drawn."""
    matrix = selected_matrix(view)
    if matrix is None:
        return None
    words, place = view.words, view.words.of(view.catalogue.territory.name)
    sector = view.selection.sector
    heading = f"{words('care_chain.title')} – {place}"
    return Table(
        name="chain",
        columns=_columns(view, matrix),
        frame=_frame(view, matrix),
        silences={},
        context=context(
            view,
            heading,
            (),
            facts={"sector": words(f"sector.{sector}") if sector else ""},
            services=list(view.catalogue.services.values()),
            caveats=[*summary(words, matrix, areas_word(view)), words("chain_page.first_means")],
            marks=[
                (state_words(view.reader, state), words(f"link_meaning.{state}"))
                for state in STATES
            ],
        ),
        words=words,
        level=view.selection.level,
    )


def _frame(view: View, matrix: Matrix) -> pd.DataFrame:
    lines = matrix.lines
    links = {
        _name(link): [line.states[place] or _NOBODY for line in lines]
        for place, link in enumerate(matrix.columns)
    }
    made = {
        "name": [line.name for line in lines],
        "area_id": [line.area_id for line in lines],
        "first": [first_words(view, line) for line in lines],
        "verdict": [line.verdict for line in lines],
        **links,
    }
    return pd.DataFrame(made, dtype="object").assign(
        territory=view.words.of(view.catalogue.territory.name),
        level=level_one(view),
        release=view.release.release_id,
    )


def _columns(view: View, matrix: Matrix) -> tuple[Column, ...]:
    words = view.words
    verdicts = {name: words(f"export.verdict_{name}") for name in _VERDICTS}
    states = {state: state_words(view.reader, state) for state in STATES}
    said = states | {_NOBODY: words("care_chain.none")}
    return (
        Column("name", words("chain_page.area")),
        Column("area_id", words("gap_context.area_id")),
        Column("first", words("chain_page.first")),
        Column("verdict", words("export.verdict"), Kind.CODE, said=verdicts),
        *(Column(_name(link), _title(view, link), Kind.CODE, said=said) for link in matrix.columns),
        *repeated({name: words(f"export.{name}") for name in ("territory", "level", "release")}),
    )


def _name(link: Link) -> str:
    return f"{link.step}_{link.sector}" if link.sector else str(link.step)


def _title(view: View, link: Link) -> str:
    words = view.words
    who = words(f"sector.{link.sector}" if link.sector else "chain_page.nobody")
    return words("format.labelled", label=words(f"care_step.{link.step}"), value=who)
