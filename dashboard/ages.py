"""Ages: the people of an area by band of age, as far as the files know them."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from dashboard import data
from dashboard.pages import View
from geodata.model import AreaKey

#: Bands that together are everybody, each with its variable, the finest first; None is the rest
#: of the people of :data:`EVERYBODY`. No file that is read knows ages and sex together.
BANDS: tuple[tuple[tuple[str, str | None], ...], ...] = (
    (("0_19", "population_0_19"), ("20_64", "population_20_64"), ("65", "population_65_plus")),
    (("0_14", "population_0_14"), ("15", None)),
)
EVERYBODY = "population"


@dataclass(frozen=True, slots=True)
class Band:
    """A band of age: people, and their share of all (0 to 1)."""

    name: str
    people: float
    share: float


@dataclass(frozen=True, slots=True)
class Ages:
    """The bands of an area, the youngest first, at one period; ``variables`` tell of them."""

    period: str
    bands: tuple[Band, ...]
    variables: tuple[str, ...]


def ages_of(view: View, key: AreaKey, period: str = "") -> Ages | None:
    """The ages of an area at a period, the latest unless told; None where they are not known."""
    for bands in BANDS:
        named = tuple(name or EVERYBODY for _, name in bands)
        figures = data.area_figures(view.principal, view.release, named, key)
        found = banded(figures, bands, period)
        if found is not None:
            return found
    return None


def banded(
    figures: pd.DataFrame, bands: tuple[tuple[str, str | None], ...], period: str = ""
) -> Ages | None:
    """The bands that figures make: variable, period, value; only where every one is known."""
    wide = figures.pivot(index="period", columns="variable", values="value").astype("float64")
    named = [name or EVERYBODY for _, name in bands]
    known = wide.reindex(columns=named).dropna()
    if period:
        known = known[known.index == period]
    if known.empty:
        return None
    row = known.sort_index().iloc[-1]
    counted = sum(float(row[name]) for _, name in bands if name)
    people = [float(row[name]) if name else float(row[EVERYBODY]) - counted for _, name in bands]
    total = sum(people)
    if total <= 0 or min(people) < 0:
        return None
    made = (
        Band(band, count, count / total) for (band, _), count in zip(bands, people, strict=True)
    )
    return Ages(str(row.name), tuple(made), tuple(named))
