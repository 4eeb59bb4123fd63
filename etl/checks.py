"""Checks between tables and between releases, once every file has been read by itself."""

from __future__ import annotations

import pandas as pd

from etl.source import Ledger, Staged
from geodata.catalogue.nouns import Catalogue
from geodata.model import Issue, Severity

#: Rows that may be gained or lost against the published release: said, then held.
WARN_SHARE, HOLD_SHARE = 0.10, 0.30
#: Figures of a source that may vanish before publication is held.
LOST_SHARE = 0.01


def jumps(staged: dict[str, Staged], before: pd.DataFrame | None) -> list[Issue]:
    """Sources whose number of rows moved much since the published release.

    Over 10 % it is a warning; over 30 % publication is held until an officer accepts the source
    by name. ``before`` has source_id, file and rows_read; None when nothing is published.
    """
    if before is None:
        return []
    issues = []
    counts = before.set_index("source_id")["rows_read"]
    for source_id, now in staged.items():
        if source_id not in counts or counts[source_id] == 0:
            continue
        then = int(counts[source_id])
        moved = (now.rows_read - then) / then
        if abs(moved) <= WARN_SHARE:
            continue
        held = abs(moved) > HOLD_SHARE
        issues.append(
            Issue(
                source_id=source_id,
                severity=Severity.HOLD if held else Severity.WARNING,
                code="row_count_jump",
                message_fr=f"{now.rows_read} lignes au lieu de {then} ({100 * moved:+.0f} %)",
                message_en=f"{now.rows_read} rows instead of {then} ({100 * moved:+.0f}%)",
                mend_fr="Reprendre le fichier complet ; si le changement est voulu : "
                f"vigie refresh --accept {source_id}",
                mend_en="Fetch the whole file again; if the change is meant: "
                f"vigie refresh --accept {source_id}",
                file=str(before.set_index("source_id")["file"][source_id]),
            )
        )
    return issues


def vanished(staged: dict[str, Staged], before: pd.DataFrame) -> list[Issue]:
    """Figures that were there before and are there no more, source by source.

    A few are a warning; over :data:`LOST_SHARE` of a source's figures, publication is held: a
    file may be cut at the end of a line and look whole. ``before`` has source_id and the key of
    the table ``figure``.
    """
    key = ["variable", "level", "area_id", "period"]
    issues = []
    for source_id, then in before.groupby("source_id"):
        made = staged.get(str(source_id))
        if made is None or "figure" not in made.tables:
            continue
        now = pd.MultiIndex.from_frame(made.tables["figure"][key])
        lost = pd.MultiIndex.from_frame(then[key]).difference(now)
        if lost.empty:
            continue
        first = " ".join(map(str, lost[0]))
        issues.append(
            Issue(
                source_id=str(source_id),
                severity=Severity.HOLD if len(lost) > LOST_SHARE * len(then) else Severity.WARNING,
                code="vanished",
                message_fr=f"{len(lost)} valeurs sur {len(then)} ont disparu, dont {first}",
                message_en=f"{len(lost)} of {len(then)} figures are gone, such as {first}",
                mend_fr="Reprendre le fichier complet ; si le changement est voulu : "
                f"vigie refresh --accept {source_id}",
                mend_en="Fetch the whole file again; if the change is meant: "
                f"vigie refresh --accept {source_id}",
                sample=first,
                rows=len(lost),
            )
        )
    return issues


def orphans(areas: pd.DataFrame, membership: pd.DataFrame, catalogue: Catalogue) -> None:
    """Refuse a territory in which one of our finest areas lacks a parent at some level.

    Raises
    ------
    RejectedFile
        Naming the area and the level.
    """
    territory = catalogue.territory
    ours = areas[(areas["level"] == territory.finest_level) & (areas["role"] == "territory")]
    entry = catalogue.sources["membership"]
    for parent_level in [x.id for x in territory.levels[1:] if x.id != territory.country.level]:
        members = membership.loc[membership["parent_level"] == parent_level, "area_id"]
        lonely = sorted(set(ours["area_id"]) - set(members))
        if lonely:
            raise Ledger(entry.id, entry.file).reject(
                "orphan",
                f"{len(lonely)} aires sans {parent_level}, dont {lonely[0]}",
                f"{len(lonely)} areas without {parent_level}, such as {lonely[0]}",
                column="parent_level",
                mend_fr="Ajouter leur appartenance.",
                mend_en="Add their membership.",
            )
