"""Whether what is published gives a withheld count away: by subtraction, or nearly so.

Sums are those of areas: the parts of an area add up to it, at every level that is published, and
levels need not be nested. Only variables that name a disclosure profile are looked at, and only
those whose parts add up exactly: a sum of rounded parts tells each of them to five at best.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from etl.source import Ledger
from geodata.catalogue.nouns import DisclosureProfile, Territory, Variable
from geodata.methods.disclosure.feasible import (
    ContradictionError,
    Floats,
    Integers,
    groups,
    narrow_intervals,
)
from geodata.model import Additivity, Status

#: More withheld counts than this that depend on one another are not audited, and that is said.
MOST_WITHHELD = 1_000
_CELL = ["level", "area_id"]


@dataclass(frozen=True, slots=True)
class Sums:
    """The sums of one period: ``cells`` (level, area_id) are the columns, unknown to readers.

    ``is_withheld`` tells the cells to protect from those that nobody knows: an area without a
    figure, or several that no sum tells apart.
    """

    matrix: csr_array
    totals: Floats
    cells: pd.DataFrame
    is_withheld: np.ndarray[tuple[int], np.dtype[np.bool_]]


def check_recovery(
    figures: pd.DataFrame,
    areas: pd.DataFrame,
    membership: pd.DataFrame,
    variable: Variable,
    profile: DisclosureProfile,
    territory: Territory,
    ledger: Ledger,
) -> None:
    """Hold a variable whose withheld counts are known to less than ``profile.smallest``.

    The message tells how closely they are known, never between which values: it is kept and sent.

    Parameters
    ----------
    figures: level, area_id, period, value, status of the variable, as they are to be published.
    areas: level, area_id, role.
    membership: level, area_id, parent_level, parent_id.
    """
    withheld = figures["status"] == Status.SUPPRESSED
    if variable.additivity is not Additivity.EXACT or not withheld.any():
        return
    links = _whole_links(areas, membership, territory)
    found: list[tuple[str, str, str, float]] = []
    for period in figures.loc[withheld, "period"].unique():
        sums = _sums(figures[figures["period"] == period], links)
        for rows, cells in groups(sums.matrix):
            secret = np.flatnonzero(sums.is_withheld[cells])
            if len(secret) > MOST_WITHHELD:
                _tell_unaudited(variable, str(period), len(secret), ledger)
                continue
            try:
                narrow, ends = narrow_intervals(
                    sums.matrix[rows][:, cells], sums.totals[rows], secret, profile.smallest
                )
            except ContradictionError:
                _tell_contradiction(variable, str(period), sums.cells.iloc[cells[secret]], ledger)
                continue
            named = sums.cells.iloc[cells[narrow]].itertuples(index=False)
            found += [
                (level, area_id, str(period), float(greatest - least))
                for (level, area_id), (least, greatest) in zip(named, ends, strict=True)
            ]
    if found:
        _hold(found, variable, profile, ledger)


def _whole_links(
    areas: pd.DataFrame, membership: pd.DataFrame, territory: Territory
) -> pd.DataFrame:
    """The memberships in areas all of whose parts are known: not those beyond the territory."""
    ours = areas.loc[areas["role"] == "territory", _CELL]
    parents = pd.MultiIndex.from_frame(membership[["parent_level", "parent_id"]])
    is_whole = parents.isin(pd.MultiIndex.from_frame(ours))
    return membership[is_whole | (membership["level"] != territory.finest_level)]


def _sums(figures: pd.DataFrame, links: pd.DataFrame) -> Sums:
    """The sums of the areas of a period, over the cells that are not published."""
    by_area = figures.set_index(_CELL)[["value", "status"]]
    links = links[links["parent_level"].isin(by_area.index.unique("level"))]
    parents = pd.MultiIndex.from_frame(links[["parent_level", "parent_id"]], names=_CELL)
    told = parents.isin(by_area.index)  # an area without a figure sums up to nothing known
    links, parents = links[told], parents[told]
    parts = pd.MultiIndex.from_frame(links[_CELL])
    whole, wholes = parents.factorize()
    # Areas without a figure that belong to the same wholes are one cell: nothing tells them apart.
    part = _together(parts, whole, by_area.index)
    cell, cells = pd.concat(
        [part, pd.Series(list(wholes), dtype="object")], ignore_index=True
    ).factorize()
    link = pd.DataFrame({"sum": whole, "cell": cell[: len(links)]}).drop_duplicates()
    row = np.concatenate([link["sum"], np.arange(len(wholes))])
    column = np.concatenate([link["cell"], cell[len(links) :]])
    sign = np.concatenate([np.ones(len(link)), -np.ones(len(wholes))])
    matrix = csr_array((sign, (row, column)), shape=(len(wholes), len(cells)))
    index = pd.MultiIndex.from_tuples(list(cells), names=_CELL)
    value = by_area["value"].reindex(index).to_numpy(dtype="float64")
    unknown = np.isnan(value)
    return Sums(
        matrix=csr_array(matrix[:, unknown]),
        totals=-(matrix @ np.nan_to_num(value)),
        cells=index[unknown].to_frame(index=False),
        is_withheld=(by_area["status"].reindex(index) == Status.SUPPRESSED).to_numpy()[unknown],
    )


def _together(parts: pd.MultiIndex, whole: Integers, known: pd.Index[Any]) -> pd.Series:
    """The cell of each part: itself, or for one without a figure the set of wholes it is in."""
    made = pd.Series(list(parts), dtype="object")
    is_bare = ~parts.isin(known)
    if is_bare.any():
        bare = pd.DataFrame({"part": made[is_bare], "whole": whole[is_bare]})
        sets = bare.groupby("part")["whole"].agg(lambda of: str(sorted(of)))
        made[is_bare] = bare["part"].map(lambda part: ("", sets[part]))
    return made


def _hold(
    found: list[tuple[str, str, str, float]],
    variable: Variable,
    profile: DisclosureProfile,
    ledger: Ledger,
) -> None:
    level, area_id, period, width = found[0]
    fr = f"à {width:g} près" if width else "exactement"
    en = f"within {width:g}" if width else "exactly"
    ledger.hold(
        "recoverable",
        f"{len(found)} nombres secrets de {variable.name.fr} se déduisent des totaux publiés à "
        f"moins de {profile.smallest} près ; le premier : {level} {area_id} {period}, {fr}",
        f"{len(found)} suppressed counts of {variable.name.en} follow from the published totals "
        f"within less than {profile.smallest}; the first: {level} {area_id} {period}, {en}",
        column=variable.id,
        rows=len(found),
        mend_fr=f"Rendre secret un second nombre à côté de {level} {area_id}, dans chaque total "
        "dont il fait partie, ou ne pas publier ces totaux.",
        mend_en=f"Suppress a second count beside {level} {area_id} in each total it is part of, "
        "or do not publish these totals.",
    )


def _tell_unaudited(variable: Variable, period: str, count: int, ledger: Ledger) -> None:
    ledger.warn(
        "not_audited",
        f"{count} nombres secrets de {variable.name.fr} ({period}) dépendent les uns des autres, "
        f"plus que les {MOST_WITHHELD} que l’on sait vérifier : rien ne dit qu’ils sont protégés",
        f"{count} suppressed counts of {variable.name.en} ({period}) depend on one another, more "
        f"than the {MOST_WITHHELD} that can be checked: nothing says that they are protected",
        column=variable.id,
        rows=count,
        mend_fr="Publier moins de totaux, ou un fichier par partie du territoire.",
        mend_en="Publish fewer totals, or one file for each part of the territory.",
    )


def _tell_contradiction(
    variable: Variable, period: str, cells: pd.DataFrame, ledger: Ledger
) -> None:
    level, area_id = cells.iloc[0] if len(cells) else ("", "")
    ledger.warn(
        "sums_contradict",
        f"les totaux de {variable.name.fr} ({period}) ne peuvent être la somme de leurs parties, "
        f"autour de {level} {area_id}",
        f"the totals of {variable.name.en} ({period}) cannot be the sum of their parts, around "
        f"{level} {area_id}",
        column=variable.id,
        mend_fr="Demander au producteur de quoi ces totaux sont la somme.",
        mend_en="Ask the producer what these totals are the sum of.",
    )
