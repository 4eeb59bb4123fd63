"""What the audits of an extract's counts found: a table, and a refusal where it is too much."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from etl.records.protecting import Cell
from etl.source import Ledger
from geodata.methods.disclosure.audit import Audit
from geodata.model import AreaKey, Withheld

COLUMNS = ("source_id", "scope", "measure", "value")
#: The scope of what is said of the whole release of a source; the others are levels.
RELEASE = "release"
#: So many counts are withheld for others, and so many for what they are, that it may be said.
_MANY = 20


def check(found: Sequence[Audit], ledger: Ledger) -> None:
    """Refuse the file when a protected count is known more narrowly than its guarantee.

    Raises
    ------
    RejectedFile
        ``disclosure_audit``, with how many there are and never which.
    """
    below = sum(len(audit.below) for audit in found)
    if below:
        raise ledger.reject(
            "disclosure_audit",
            f"SÉCURITÉ : {below} nombres secrets se déduiraient de ce qui serait publié",
            f"SECURITY: {below} withheld counts would follow from what would be published",
            rows=below,
            mend_fr="Rien n’est publié. Signaler ce défaut avec le modèle vide du contrat.",
            mend_en="Nothing is published. Report this fault with the empty template.",
        )


def table(
    source_id: str, whole: AreaKey, cells: Sequence[Cell], found: Sequence[Audit]
) -> pd.DataFrame:
    """What was found, a row a scope and a measure: source_id, scope, measure, value.

    ``cells``: counts about persons; ``protected``: those withheld; ``narrowest``: the least width
    of the interval left to a protected count (absent where none is bounded); ``below``: known more
    narrowly than the guarantee. ``utility_cells`` is the share of the cells that are told.

    The table is told with the counts, and must not tell of them. ``utility_count`` is made of told
    numbers alone: what a level tells of the counts that are told of the whole territory. How many
    are withheld only for others (``secondary``) is said of the whole source, where many are and
    many are not.
    """
    counts = pd.DataFrame(
        [
            (cell.area.level, cell.value, cell.reason is None, cell.tally.name, cell.tally.period)
            for cell in cells
            if cell.tally.about_persons and cell.area is not None
        ],
        columns=["level", "value", "is_told", "name", "period"],
    )
    if counts.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    scopes = [(RELEASE, counts), *counts.groupby("level", sort=False)]
    rows = [(str(scope), *said) for scope, part in scopes for said in _measures(part)]
    rows += _kept_of_the_whole(counts, whole.level)
    rows += _secondary(cells)
    rows.append((RELEASE, "below", float(sum(len(audit.below) for audit in found))))
    narrowest = min((audit.narrowest for audit in found), default=np.inf)
    if np.isfinite(narrowest):
        rows.append((RELEASE, "narrowest", float(narrowest)))
    made = pd.DataFrame(rows, columns=list(COLUMNS[1:]))
    made.insert(0, "source_id", source_id)
    return made


def _measures(part: pd.DataFrame) -> list[tuple[str, float]]:
    told = part["is_told"]
    return [
        ("cells", float(len(part))),
        ("protected", float((~told).sum())),
        ("utility_cells", float(told.mean())),
    ]


def _kept_of_the_whole(counts: pd.DataFrame, whole: str) -> list[tuple[str, str, float]]:
    """The share that each level between tells of what is told of the whole."""
    told = counts[counts["is_told"]]
    total = told[told["level"] == whole].set_index(["name", "period"])["value"]
    between = counts[counts["level"] != whole].set_index(["name", "period"])
    between = between[between.index.isin(total.index)]
    rows = []
    for level, part in between.groupby("level", sort=False):
        asked = total.reindex(part.index.unique()).sum()
        if asked:
            share = part.loc[part["is_told"], "value"].sum() / asked
            rows.append((str(level), "utility_count", float(share)))
    return rows


def _secondary(cells: Iterable[Cell]) -> list[tuple[str, str, float]]:
    """How many counts are withheld only for others, where it narrows none of them down."""
    reasons = [c.reason for c in cells if c.tally.about_persons and c.area is not None and c.reason]
    others = sum(reason is Withheld.SECONDARY for reason in reasons)
    few = min(others, len(reasons) - others) < _MANY
    return [] if few else [(RELEASE, "secondary", float(others))]
