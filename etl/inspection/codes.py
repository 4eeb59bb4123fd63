"""Which column holds the codes of areas, of which level, and of which edition."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pandas as pd

from etl.gazetteer import OUTSIDE, Gazetteer, bare
from etl.history import events_of
from etl.inspection.columns import counted
from etl.reading.header import folded
from etl.source import Known
from geodata.catalogue.nouns import Level

#: A column holds codes of a level when this share of its filled cells are such codes.
FITS = 0.95
#: A column whose codes may be of an older edition needs this share.
LOOSELY = 0.6
#: Rows that are of another level have fewer codes of this one than this share.
FOREIGN = 0.2
#: So many columns are tried for codes of several levels, those that name most areas first.
TRIED = 5
#: Short codes of which so many lack their zero are counts.
SHORT, COUNTS = 3, 0.3
#: How many years back an edition is looked for.
EDITIONS = 16
#: Texts looked at first, to pass over a column that holds no code at all.
SAMPLE = 300
_CODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z .\-]{0,13}")


@dataclass(frozen=True, slots=True)
class Fit:
    """How well the cells of a column are codes of a level. Shares are of filled cells."""

    column: str
    level: str
    share: float = 0.0
    #: Distinct areas of the release that it names.
    located: int = 0
    #: Distinct codes of the level, those of areas elsewhere included.
    codes: int = 0
    #: What is located, as a share of the areas of the level.
    coverage: float = 0.0
    padded: float = 0.0
    unknown: float = 0.0
    has_parts: bool = False
    has_wholes: bool = False


@dataclass(frozen=True, slots=True)
class Areas:
    """The column of codes, and how the level of each row is told."""

    column: str
    level: str = ""
    level_column: str = ""
    levels: Mapping[str, str] = field(default_factory=dict)
    mixed: tuple[str, ...] = ()
    edition: str = ""
    parts: str = ""
    padded: float = 0.0
    located: int = 0


def fits_of(column: str, cells: pd.Series, known: Known) -> list[Fit]:
    """How a column fits each level that has known areas, the best first."""
    counts = counted(cells, bare).drop("", errors="ignore")
    if counts.empty:
        return []
    codes = [str(code) for code in counts.index]
    step = max(1, len(codes) // SAMPLE)
    sample = codes[::step]
    if sum(bool(_CODE.fullmatch(code)) for code in sample) < LOOSELY * len(sample):
        return []
    found = []
    for level in known.catalogue.territory.levels:
        first = _fit(column, counts.iloc[::step], level, known)
        if first is None or first.share + first.unknown < LOOSELY:
            continue
        fit = _fit(column, counts, level, known) if step > 1 else first
        longest = max(map(len, known.areas[level.id]))
        if fit is not None and fit.located and not (longest <= SHORT and fit.padded >= COUNTS):
            found.append(fit)
    return sorted(found, key=lambda f: (f.share >= FITS, f.codes, f.coverage), reverse=True)


def _fit(
    column: str, counts: pd.Series, level: Level, known: Known, edition: str | None = None
) -> Fit | None:
    theirs = known.areas.get(level.id, frozenset())
    if not theirs:
        return None
    codes = [str(code) for code in counts.index]
    places = Gazetteer(level.id, known, edition, True, edition is not None).places(codes)
    weights = dict(zip(codes, counts.to_list(), strict=True))
    total = float(sum(weights.values()))

    def share(wanted: Sequence[str]) -> float:
        return float(sum(weights[code] for code in wanted) / total)

    areas = {p.area for p in places.values() if p.area}
    inside = [code for code, place in places.items() if place.area]
    outside = [code for code, place in places.items() if place.fault == OUTSIDE]
    parts = {str(places[c].area) for c in inside if "part_of_area" in places[c].repairs}
    return Fit(
        column,
        level.id,
        share=share([*inside, *outside]),
        located=len(areas),
        codes=len(inside) + len(outside),
        coverage=len(areas) / len(theirs),
        padded=share([code for code in inside if "padded" in places[code].repairs]),
        unknown=share([code for code, place in places.items() if place.fault == "unknown_area"]),
        has_parts=bool(parts) or any(code in known.catalogue.territory.parts for code in outside),
        has_wholes=bool(parts & {c for c in inside if "part_of_area" not in places[c].repairs})
        or any(known.catalogue.territory.parts.get(c) in codes for c in outside),
    )


def chosen_areas(frame: pd.DataFrame, fits: Mapping[str, list[Fit]], known: Known) -> Areas | None:
    """The column of codes and its level; None when there is none.

    The column with the most codes is taken; in a column of counts most cells are no codes.
    """
    best = [found[0] for found in fits.values() if found]
    good = [fit for fit in best if fit.share >= FITS]
    if good:
        fit = max(good, key=lambda f: (f.codes * (1 - f.padded / 2), f.coverage))
        by_words = _by_level_column(frame, fit.column, known) if fit.share < 1 else None
        return by_words or Areas(
            fit.column,
            fit.level,
            parts=_parts(fit),
            padded=fit.padded,
            located=fit.located,
            edition=_edition(frame[fit.column], fit, known) if fit.unknown else "",
        )
    every = list(frozenset().union(*known.areas.values()))
    named = {name: frame[name].map(bare).drop_duplicates().isin(every).sum() for name in fits}
    for column in sorted(named, key=lambda name: -named[name])[:TRIED]:
        if not named[column]:
            continue
        found = _by_level_column(frame, column, known) or _mixed(frame[column], column, known)
        if found is not None:
            return found
    near = [fit for fit in best if fit.share + fit.unknown >= FITS and fit.share >= LOOSELY]
    if near:
        fit = max(near, key=lambda f: f.located)
        edition = _edition(frame[fit.column], fit, known)
        return Areas(fit.column, fit.level, parts=_parts(fit), edition=edition, located=fit.located)
    return None


def is_code_column(fit: Fit, cells: pd.Series, known: Known) -> bool:
    """Whether a column that is not the one chosen holds codes too, and no figures.

    Its codes keep their leading zeros or letters, or its heading begins as the name of the level.
    """
    if fit.share < FITS or fit.padded:
        return False
    level = known.catalogue.territory.level(fit.level)
    names = {folded(text)[:3] for text in (level.id, level.one.fr, level.one.en)}
    distinct = cells[cells.ne("")].drop_duplicates()
    is_text = distinct.str.fullmatch("0[0-9].*|.*[A-Za-z].*").astype(bool).any()
    return bool(is_text) or folded(fit.column)[:3] in names


def _parts(fit: Fit) -> str:
    if not fit.has_parts:
        return ""
    return "left_out" if fit.has_wholes else "summed"


def _by_level_column(frame: pd.DataFrame, column: str, known: Known) -> Areas | None:
    """The levels after the words of another column, when each of its words has one level."""
    for other in frame.columns:
        words = frame[other].value_counts().drop("", errors="ignore")
        if (
            other == column
            or not 2 <= len(words) <= 40
            or words.index.str.fullmatch("[0-9.,]+").all()
        ):
            continue
        groups = {
            str(word): frame.loc[frame[other].eq(word), column].map(bare) for word in words.index
        }
        best: dict[str, tuple[int, str]] = {}
        for word, group in groups.items():
            for fit in fits_of(column, group, known)[:1]:
                is_whole = not fit.has_parts or fit.has_wholes
                if fit.share >= FITS and is_whole and fit.located > best.get(fit.level, (0, ""))[0]:
                    best[fit.level] = (fit.located, word)
        levels = dict.fromkeys(groups, "") | {word: x for x, (_count, word) in best.items()}
        is_told = len(best) > 1 or (len(best) == 1 and not all(levels.values()))
        if is_told and _tells_levels(column, groups, levels, known):
            located = sum(count for count, _word in best.values())
            return Areas(column, level_column=str(other), levels=levels, located=located)
    return None


def _tells_levels(
    column: str, groups: Mapping[str, pd.Series], levels: Mapping[str, str], known: Known
) -> bool:
    """Whether words tell levels apart: what is left out repeats the areas of what is taken.

    Rows left out of a level whose codes are areas that no row taken names would be lost: then
    the words tell something else (a region, a kind).
    """
    for level in {level for level in levels.values() if level}:
        taken = next(groups[word] for word, its in levels.items() if its == level)
        ours = _areas_of(taken, level, known)
        for word, its in levels.items():
            if its == level:
                continue
            fit = next((f for f in fits_of(column, groups[word], known) if f.level == level), None)
            if fit is None or fit.share < FOREIGN:
                continue
            theirs = _areas_of(groups[word], level, known)
            if len(theirs & ours) < LOOSELY * len(theirs):
                return False
    return True


def _areas_of(cells: pd.Series, level: str, known: Known) -> set[str]:
    codes = [str(code) for code in cells.unique()]
    places = Gazetteer(level, known, None, True, False).places(codes)
    return {place.area for place in places.values() if place.area}


def _mixed(cells: pd.Series, column: str, known: Known) -> Areas | None:
    """The levels that a column mixes, when each of its codes is one of some level."""
    codes = cells.map(bare)
    left = codes[codes.ne("")]
    total, found = len(left), []
    for level in known.catalogue.territory.levels:
        theirs = known.areas.get(level.id, frozenset())
        pattern = re.compile(level.pattern or "(?!)")
        is_one = left.map(lambda c, p=pattern, t=theirs: c in t or p.fullmatch(c) is not None)
        if theirs and is_one.any() and left[is_one].isin(list(theirs)).any():
            found.append(level.id)
            left = left[~is_one.astype(bool)]
    if len(found) > 1 and len(left) <= (1 - FITS) * total:
        return Areas(column, mixed=tuple(found), located=int(codes.nunique()))
    return None


def _edition(cells: pd.Series, fit: Fit, known: Known) -> str:
    """The latest first of January on which all the codes were in force, or the best one.

    Nothing when no source tells what became of the areas.
    """
    events = events_of(known, fit.level)
    if events is None:
        return ""
    counts = counted(cells, bare).drop("", errors="ignore")
    level = known.catalogue.territory.level(fit.level)
    named = frozenset(events["before_id"]) | frozenset(events["after_id"])
    stable = known.areas[fit.level] - named
    total = int(counts.sum())
    counts = counts[~counts.index.isin(list(stable))]
    codes = [str(code) for code in counts.index]
    best, fewest = "", fit.unknown
    for year in range(datetime.now(UTC).year, datetime.now(UTC).year - EDITIONS, -1):
        gazetteer = Gazetteer(level.id, known, str(year), True, True)
        places = gazetteer.places(codes)
        foreign = (
            sum(
                int(counts[code])
                for code, place in places.items()
                if place.fault == "unknown_area" or "old_code" in place.repairs
            )
            / total
        )
        if foreign < fewest:
            best, fewest = str(year), foreign
        if foreign == 0:
            break
    return best
