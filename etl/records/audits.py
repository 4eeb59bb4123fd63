"""What the audits of an extract's counts found: a table, and a refusal where it is too much."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from etl.records.protecting import Cell
from etl.source import Ledger
from geodata.methods.disclosure.audit import Audit

COLUMNS = ("source_id", "scope", "measure", "value")
#: The scope of what is said of the whole release of a source; the others are levels.
RELEASE = "release"


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


def table(source_id: str, cells: Iterable[Cell], found: Sequence[Audit]) -> pd.DataFrame:
    """What was found, a row a scope and a measure: source_id, scope, measure, value.

    ``cells``: counts about persons; ``protected``: those withheld; ``secondary``: withheld to guard
    others; ``narrowest``: the least width of the interval left to a protected count (absent where
    none is bounded); ``below``: known more narrowly than the guarantee. ``utility_cells`` and
    ``utility_count`` are the shares of the cells and of what they count that are told.
    """
    counts = pd.DataFrame(
        [
            (cell.area.level, cell.persons, cell.reason is None, str(cell.reason or ""))
            for cell in cells
            if cell.tally.about_persons and cell.area is not None
        ],
        columns=["level", "persons", "is_told", "reason"],
    )
    if counts.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    scopes = [(RELEASE, counts), *counts.groupby("level", sort=False)]
    rows = [(str(scope), *said) for scope, part in scopes for said in _measures(part)]
    rows.append((RELEASE, "below", float(sum(len(audit.below) for audit in found))))
    narrowest = min((audit.narrowest for audit in found), default=np.inf)
    if np.isfinite(narrowest):
        rows.append((RELEASE, "narrowest", float(narrowest)))
    made = pd.DataFrame(rows, columns=list(COLUMNS[1:]))
    made.insert(0, "source_id", source_id)
    return made


def _measures(part: pd.DataFrame) -> list[tuple[str, float]]:
    told, all_of_them = part["is_told"], float(part["persons"].sum())
    said = [
        ("cells", float(len(part))),
        ("protected", float((~told).sum())),
        ("secondary", float((part["reason"] == "secondary").sum())),
        ("utility_cells", float(told.mean())),
    ]
    if all_of_them:
        said.append(("utility_count", float(part.loc[told, "persons"].sum()) / all_of_them))
    return said
