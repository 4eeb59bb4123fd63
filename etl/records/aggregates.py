"""Records become counts, and only counts that tell of nobody go on.

Counts about persons are given for the whole territory and for the areas between it and the finest
ones; those that could expose somebody are withheld, and others with them, so that no sum of what is
told gives them back (:mod:`etl.records.protecting`). A figure derived from counts, a median delay
say, is given only where every count it stands on is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from etl.records import audits, cases, means
from etl.records.areas import Ground, ground
from etl.records.counting import Counting, Period, Rows, Tally, periods
from etl.records.derived import DETECTED, GAP, derived, detection_gaps
from etl.records.measures import measures
from etl.records.protecting import Cell, Protected, Rule, Told, protected_counts
from etl.source import Known, Ledger
from geodata.catalogue.nouns import Catalogue, DisclosureProfile, Text
from geodata.methods.disclosure.protection import AlreadyToldError
from geodata.methods.disclosure.release_set import Guarantee
from geodata.model import AreaKey, PeriodKind, Status, Withheld

#: What protects counts of persons that no profile names: posts, say.
UNNAMED = DisclosureProfile("", Text("", ""), smallest=5)
FIGURE = ("variable", "level", "area_id", "period", "value", "status", "source_id")
MASK = ("variable", "level", "area_id", "period", "reason", "source_id")

#: How the records of each contract are counted, for one period.
COUNTS: dict[str, Callable[[Counting, PeriodKind | None, Period, str], Iterator[Tally]]] = {
    "own_concerns": cases.concerns,
    "own_assessments": cases.assessments,
    "own_measures": measures,
    "own_places": means.places,
    "own_staff": means.staff,
}
#: Name, level, area and period of a figure; then its value, its status and why it is withheld.
_Key = tuple[str, str, str, str]
_Row = tuple[_Key, float | None, Status, Withheld | None]


def tallies(of: Counting) -> list[Tally]:
    """Every tally of one extract."""
    return [
        tally
        for kind, day, period in periods(of.extract)
        for tally in COUNTS[of.contract.id](of, kind, day, period)
    ]


def tables_of(of: Counting, known: Known, ledger: Ledger) -> dict[str, pd.DataFrame]:
    """What one extract gives to a release: the tables figure, mask and disclosure_audit.

    A suppressed figure has no value, and a row of the mask that says why. Years and 31 Decembers
    that the extract does not cover whole are not given.

    Raises
    ------
    RejectedFile
        ``disclosure_audit``: what would be told leaves a protected count less than its guarantee.
    """
    here, before = ground(known), _told_before(known, of.extract.is_invented)
    every, told = tallies(replace(of, told_on=_told_on(before, here.whole))), _told(before)
    if np.isnan(here.children).all() and any(tally.is_wide for tally in every):
        _warn_unpeopled(ledger)
    cells, found = list(_open_cells([t for t in every if not t.about_persons], of, here)), []
    persons = [t for t in every if t.about_persons]
    for profile, some in _by_profile(persons, known.catalogue).items():
        guarantee = Guarantee(profile.smallest, profile.share, profile.is_zero_sensitive)
        rule = Rule(guarantee, profile.fewest_people, told)
        made = _protected(some, of, here, rule, ledger)
        cells += made.cells
        found += made.audits
    audits.check(found, ledger)
    _note_revised(cells, told, ledger)
    rows = [*_rows(cells), *_derived(of, cells, every, here, known)]
    source = of.extract.source_id
    figure = [(*key, value, str(status), source) for key, value, status, _reason in rows]
    masks = [(*key, str(reason.told), source) for key, _value, _status, reason in rows if reason]
    frame = pd.DataFrame(figure, columns=list(FIGURE)).astype({"value": "float64"})
    made_of = {
        "figure": frame,
        "mask": pd.DataFrame(masks, columns=list(MASK)),
        "disclosure_audit": audits.table(source, here.whole, cells, found),
    }
    return {name: table for name, table in made_of.items() if len(table) or name == "figure"}


def _by_profile(some: Sequence[Tally], words: Catalogue) -> dict[DisclosureProfile, list[Tally]]:
    """The tallies that each profile protects; a remainder goes with what it remains of."""
    made: dict[DisclosureProfile, list[Tally]] = {}
    for tally in some:
        named = tally.name or tally.part_of
        profile = words.profile(named) if named in words.variables else None
        made.setdefault(profile or UNNAMED, []).append(tally)
    return made


def _protected(
    some: Sequence[Tally], of: Counting, here: Ground, rule: Rule, ledger: Ledger
) -> Protected:
    try:
        return protected_counts(some, of.records["area_id"], here, rule)
    except AlreadyToldError:
        if not rule.told:
            raise ledger.reject(
                "disclosure_audit",
                "ces nombres ne peuvent pas être protégés",
                "these counts cannot be protected",
                mend_fr="Extraire à nouveau sans les colonnes facultatives, qui donnent d’autres "
                "nombres à protéger ; sinon signaler ce défaut avec le modèle vide du contrat.",
                mend_en="Extract again without the optional columns, which make more counts to "
                "protect; otherwise report this fault with the empty template.",
            ) from None
        raise ledger.reject(
            "disclosure_audit",
            "ce qui a déjà été publié ne laisse plus protéger ces nombres",
            "what was published before leaves these counts no protection",
            mend_fr="Revenir au profil de secret des livraisons publiées, ou faire décider d’un "
            "retrait par le délégué à la protection des données.",
            mend_en="Go back to the disclosure profile of the published releases, or have the data "
            "protection officer decide what to withdraw.",
        ) from None


def _open_cells(some: Iterable[Tally], of: Counting, here: Ground) -> Iterator[Cell]:
    """Counts that are not about persons: told of every area, the finest too."""
    place = {code: n for n, code in enumerate(here.finest)}
    at = of.records["area_id"].map(place).fillna(-1).to_numpy(dtype="int64")
    finest = [AreaKey(here.finest_level, code) for code in here.finest]
    for tally in some:
        amounts = tally.rows * (1.0 if tally.amounts is None else tally.amounts)
        inside = tally.rows & (at >= 0)
        fine = np.bincount(at[inside], amounts[inside], minlength=len(here.finest))
        between = here.members.astype("float64") @ fine
        keys = [here.whole, *here.areas, *finest]
        values = np.concatenate([[amounts.sum()], between, fine])
        for key, value in zip(keys, values, strict=True):
            yield Cell(tally, key, float(value), 0, None)


def _rows(cells: Iterable[Cell]) -> Iterator[_Row]:
    for cell in cells:
        if cell.tally.name is not None and cell.area is not None:
            key = (cell.tally.name, cell.area.level, cell.area.area_id, cell.tally.period)
            if cell.reason is None:
                yield key, cell.value, Status.OBSERVED, None
            else:
                yield key, None, Status.SUPPRESSED, cell.reason


def _derived(
    of: Counting, cells: Sequence[Cell], every: Sequence[Tally], here: Ground, known: Known
) -> Iterator[_Row]:
    """The rows of derived figures, told where what they stand on is told and is enough."""
    by_name = {(t.name, t.period): t for t in every if t.name is not None}
    counts = {(c.tally.name, c.tally.period, c.area): c for c in cells if c.tally.name and c.area}
    smallest = {t.name: _smallest(t, known.catalogue) for t in every if t.name is not None}
    insides = list(_insides(of, here))
    for figure in derived(of, by_name, known, smallest):
        first = by_name[figure.stands_on[0], figure.period]
        is_wide = first.is_wide and not figure.split
        for area, inside in insides if is_wide else insides[:1]:
            key = (figure.name, area.level, area.area_id, figure.period)
            under = [counts[name, figure.period, area] for name in figure.stands_on]
            hidden = [cell.reason for cell in under if cell.reason is not None]
            is_few = under[0].persons < figure.fewest or not figure.is_told(first.rows & inside)
            if hidden or is_few:
                yield key, None, Status.SUPPRESSED, hidden[0] if hidden else Withheld.SMALL
                continue
            value = figure.of(first.rows & inside)
            yield key, value, Status.MISSING if value is None else Status.OBSERVED, None
    yield from _gaps(cells, here)


def _insides(of: Counting, here: Ground) -> Iterator[tuple[AreaKey, Rows]]:
    """The whole, which takes every record; then each area between, and which records live there."""
    yield here.whole, np.ones(len(of.records), dtype=np.bool_)
    finest = np.array(here.finest)
    for area, members in zip(here.areas, here.members, strict=True):
        yield area, of.records["area_id"].isin(finest[members]).to_numpy()


def _gaps(cells: Sequence[Cell], here: Ground) -> Iterator[_Row]:
    """How far detection lies below what the other areas of a level make one expect."""
    place = {area: n for n, area in enumerate(here.areas)}
    found = [c for c in cells if c.tally.name == DETECTED and c.area in place]
    for period in dict.fromkeys(c.tally.period for c in found):
        for level in dict.fromkeys(area.level for area in here.areas):
            some = [
                c for c in found if c.tally.period == period and c.area and c.area.level == level
            ]
            told = np.array([np.nan if c.reason else c.value for c in some])
            people = here.children[[place[c.area] for c in some if c.area]]
            for cell, gap in zip(some, detection_gaps(told, people), strict=True):
                assert cell.area is not None, "of an area between"
                key = (GAP, level, cell.area.area_id, period)
                if cell.reason is not None:
                    yield key, None, Status.SUPPRESSED, cell.reason
                elif np.isnan(gap):
                    yield key, None, Status.MISSING, None
                else:
                    yield key, float(gap), Status.OBSERVED, None


def _smallest(tally: Tally, words: Catalogue) -> int:
    profile = words.profile(tally.name) if tally.name in words.variables else None
    return (profile or UNNAMED).smallest


def _told_before(known: Known, is_invented: bool) -> pd.DataFrame:
    """What releases told before: what was invented binds invented extracts, and they alone."""
    return known.told[known.told["is_invented"].astype("bool") == is_invented]


def _told_on(told: pd.DataFrame, whole: AreaKey) -> dict[str, tuple[Period, ...]]:
    """The days of which something was told of the whole, by variable."""
    ours = told[(told["level"] == whole.level) & (told["area_id"] == whole.area_id)]
    days = ours[ours["period"].astype("str").str.fullmatch(r"\d{4}-\d\d-\d\d")]
    return {
        str(name): tuple(map(Period, sorted(set(some))))
        for name, some in days.groupby("variable")["period"]
    }


def _told(before: pd.DataFrame) -> Told:
    """What was told before: the values of each figure."""
    made: dict[_Key, set[float]] = {}
    rows = before[["variable", "level", "area_id", "period"]].astype("str").to_numpy().tolist()
    for (variable, level, area_id, period), value in zip(
        rows, before["value"].astype("float64").tolist(), strict=True
    ):
        made.setdefault((variable, level, area_id, period), set()).add(value)
    return made


def _note_revised(cells: Iterable[Cell], told: Told, ledger: Ledger) -> None:
    """Say how many counts are no longer what was told: to a reader, other unknowns."""
    revised = 0
    for cell in cells:
        if cell.tally.name is not None and cell.area is not None and cell.tally.about_persons:
            key = (cell.tally.name, cell.area.level, cell.area.area_id, cell.tally.period)
            revised += key in told and cell.value not in told[key]
    if revised:
        many = ledger.about(revised)
        ledger.note(
            "revised",
            f"environ {many} nombres ne sont plus ce qui a été publié : protégés comme d’autres",
            f"about {many} counts are not what was published any more: protected as other counts",
            rows=revised,
        )


def _warn_unpeopled(ledger: Ledger) -> None:
    ledger.warn(
        "no_people",
        "la population des aires n’est pas connue : rien n’est donné sous le territoire entier",
        "the people of the areas are not known: nothing is given under the whole territory",
        mend_fr="Charger le recensement des aires les plus fines.",
        mend_en="Load the census of the finest areas.",
    )
