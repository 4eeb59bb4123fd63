"""How large an invented caseload should be: people of each area, and the published counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from geodata.catalogue.nouns import Territory

#: The published counts that set its size, and its judicial share.
PUBLISHED = (
    "educational_actions_administrative",
    "educational_actions_judicial",
    "entrusted_administrative",
    "entrusted_judicial",
    "placed_in_foster_family",
    "placed_in_institution",
    "children_placed_directly_by_judge",
)
#: The variables read: children of each area, births where those are not known, and the above.
CHILDREN, BIRTHS = "population_0_14", "births"
VARIABLES = (CHILDREN, BIRTHS, *PUBLISHED)
#: Ages that each of them counts, to bring both to people under 21.
YEARS = {CHILDREN: 15, BIRTHS: 1}
UNDER = 21


@dataclass(frozen=True, slots=True)
class Volumes:
    """Persons under 21 by area (estimated), and measures by published variable."""

    under_21: Mapping[str, float]
    published: Mapping[str, int]
    #: Codes of finest areas beside the territory, where some places may be.
    beside: tuple[str, ...] = ()


class NoVolumes(ValueError):  # noqa: N818 - it says what is wanting
    """The figures that set the size of a caseload are not there; the message names them."""


def volumes(figures: pd.DataFrame, own: frozenset[str], territory: Territory) -> Volumes:
    """Volumes from the rows of the table ``figure``.

    Parameters
    ----------
    figures: variable, level, area_id, period, value; the latest period of each counts.
    own: codes of the finest areas of the territory.

    Raises
    ------
    NoVolumes
        When a published count of the territory, or every area's people, is absent.
    """
    known = figures.dropna(subset="value").sort_values("period")
    last = known.groupby(["variable", "level", "area_id"])["value"].last()
    published = {}
    for name in PUBLISHED:
        place = (name, territory.area.level, territory.area.area_id)
        if place not in last.index:
            raise NoVolumes(f"{name} is not known for {territory.area.area_id}")
        published[name] = round(float(last[place]))
    finest = last[last.index.get_level_values("level") == territory.finest_level]
    per_year = pd.DataFrame(
        {
            name: finest.xs(name, level="variable").droplevel("level") / years
            for name, years in YEARS.items()
            if name in finest.index.get_level_values("variable")
        }
    )
    if not len(per_year.columns):
        raise NoVolumes(f"{CHILDREN} and {BIRTHS} are not known for any area")
    people = per_year.bfill(axis=1).iloc[:, 0].reindex(sorted(own)).fillna(0) * UNDER
    if not people.sum() > 0:
        raise NoVolumes(f"{CHILDREN} is not known for the areas of the territory")
    return Volumes({str(k): float(v) for k, v in people.items()}, published)
