"""Proposal: the description of an inspected file as TOML, with what an officer must still say.

What was found stands as it is; what was guessed has a comment; what only a person knows is
:data:`etl.description.FILL`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from fnmatch import fnmatch
from pathlib import PurePosixPath

from etl.description import FILL, SUFFIXES
from etl.inspection.columns import Facts
from etl.inspection.shape import Inspection
from etl.proposal_options import TO_FILL, Quantity, latest_year, option_lines
from etl.toml_text import toml_comment, toml_key, toml_value
from geodata.catalogue.nouns import Catalogue, Variable
from geodata.model import Additivity, CareStep, Direction, PeriodKind, Sector

#: So many quantities are proposed at once; the others are named in a comment.
MOST = 12
_PERIOD_KINDS = {"school_year": PeriodKind.SCHOOL_YEAR, "day": PeriodKind.ON_31_DECEMBER}


def slug(text: str) -> str:
    """A text as an id: lower case letters, digits and underscores."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_")


def id_of(file: str) -> str:
    """The id proposed for a file: its name without years and suffix."""
    stem = PurePosixPath(file).stem
    bare = re.sub(r"(?<![0-9])(?:19|20)[0-9]{2}(?:[-_]?[0-9]{2}){0,2}(?![0-9])", "_", stem)
    return slug(bare) or slug(stem) or "source"


def proposal(
    found: Inspection,
    source_id: str,
    name: str,
    words: Catalogue,
    columns: Sequence[str] = (),
    needs: Sequence[str] = (),
) -> str:
    """The description of a file as TOML.

    Parameters
    ----------
    columns: the columns of figures that are wanted; none: the first :data:`MOST`.
    needs: the sources of contours, which tell where the points of services are.
    """
    quantities = _quantities(found, source_id, columns) if found.makes == "figure" else []
    lines = [
        f"# {toml_comment(found.file)}: {found.row_count} rows, inspected on "
        f"{datetime.now(UTC).date().isoformat()}.",
        f"# Write what stands as {toml_value(FILL)}, correct what is wrong, then: "
        f"vigie add FILE --id {source_id} --approve --by NAME",
        *_source(found, source_id, name, words),
        *([f"needs = {toml_value(list(needs))}"] if needs and found.makes == "service" else []),
        *option_lines(found, source_id, quantities, words),
    ]
    lines += _known_words(words) if quantities else []
    for quantity in quantities:
        lines += _variable(quantity, source_id, found)
    for quantity in quantities:
        lines += _indicator(quantity, found, words)
    return "\n".join(lines) + "\n"


def _source(found: Inspection, source_id: str, name: str, words: Catalogue) -> list[str]:
    suffix = SUFFIXES[str(found.container["format"])]
    published = [f"{source_id}{suffix}", *_published(found, words)]
    passport = {
        "producer": FILL,
        "dataset": PurePosixPath(found.file).stem,
        "licence": FILL,
        "vintage": found.file_year or latest_year(found) or FILL,
        "url": "",
        "attribution": FILL,
        "retrieved_on": datetime.now(UTC).date().isoformat(),
    }
    return [
        "",
        f"[sources.{toml_key(source_id)}]",
        'reader = "described"',
        f"name = {toml_value(name)}  # one name for both languages, or "
        '{ fr = "...", en = "..." }',
        f"published_as = {toml_value(published)}  # its names in the incoming folder",
        '# schedule = "yearly"',
        f"passport = {toml_value(passport)}  {TO_FILL}",
    ]


def _published(found: Inspection, words: Catalogue) -> list[str]:
    """The name of the file, its years left open; none when another source has such a name."""
    name = found.file
    if re.search(r"[*?\[\]/\\]", name) or not name.isprintable():
        return []
    patterns = [p for entry in words.sources.values() for p in entry.published_as]
    if any(fnmatch(name, pattern) for pattern in patterns):
        return []
    has_years = any(dated for dated in found.dated.values()) or found.period_column
    return [re.sub(r"(?:19|20)[0-9]{2}", "*", name)] if has_years else [name]


def _quantities(found: Inspection, source_id: str, asked: Sequence[str]) -> list[Quantity]:
    """What is counted: the columns of figures, or the words of the column that names them."""
    if found.variable_column:
        names = [w for w in found.fact(found.variable_column).words if not asked or w in asked]
        facts = {name: found.fact(found.values[-1]) for name in names} if found.values else {}
    else:
        names = [name for name in (asked or found.values) if name in found.values]
        facts = {name: found.fact(name) for name in names}
    made: dict[str, Quantity] = {}
    seen: set[str] = set()
    for name in names:
        dated = found.dated.get(name)
        pattern = dated.pattern if dated else name
        if pattern in seen or name not in facts or len(made) >= (len(names) if asked else MOST):
            continue
        seen.add(pattern)
        stem = slug(re.sub(r"\{y+\}", "_", pattern)) or f"column_{len(made) + 1}"
        key = f"{source_id}_{stem}"
        while key in made:
            key += "_2"
        made[key] = Quantity(key, name, facts[name])
    return list(made.values())


def _variable(quantity: Quantity, source_id: str, found: Inspection) -> list[str]:
    facts = quantity.facts
    kind = _PERIOD_KINDS.get(found.grammar, PeriodKind.YEAR)
    additivity = Additivity.EXACT if _is_count(facts) else Additivity.NO
    return [
        "",
        f"[variables.{toml_key(quantity.id)}]",
        f"sources = {toml_value([source_id])}",
        f"name = {toml_value(quantity.name)}",
        f"unit = {toml_value(FILL)}  {TO_FILL}",
        f"period_kind = {toml_value(str(kind))}",
        f"additivity = {toml_value(str(additivity))}  # guessed: do the parts add up?",
        f"minimum = {toml_value(0 if facts.least >= 0 else float('-inf'))}",
        f"is_whole = {toml_value(facts.is_whole)}",
    ]


def _indicator(quantity: Quantity, found: Inspection, words: Catalogue) -> list[str]:
    base = _denominator(words) if _is_count(quantity.facts) else None
    stem = PurePosixPath(found.file).stem
    limits = {
        "fr": f"Lu dans le fichier {stem} ; voir les notes de son producteur.",
        "en": f"Read in the file {stem}; see its producer's notes.",
    }
    lines = [
        "",
        f"[indicators.{toml_key(quantity.id)}]",
        f"theme = {toml_value(next(iter(words.themes), FILL))}",
        'code = "OWN"',
        f"decimals = {0 if quantity.facts.is_whole and base is None else 1}",
        f"definition = {toml_value(f'{quantity.name} ({stem})')}",
        f"limits = {toml_value(limits)}",
        f"direction = {toml_value(str(Direction.NEUTRAL))}",
        f"sector = {toml_value(str(Sector.SOCIAL))}",
        f"care_step = {toml_value(str(CareStep.CONTEXT))}",
        'kind = "demand"',
        f"levels = {toml_value(_levels(found, words, _is_count(quantity.facts)))}",
        "notices = []",
    ]
    if base is None:
        return [*lines, 'method = "published"', f"variable = {toml_value(quantity.id)}"]
    return [
        *lines,
        f"name = {toml_value(quantity.name)}",
        f'method = "ratio"  # or "published", with variable = {toml_value(quantity.id)}',
        f"numerator = {toml_value([quantity.id])}",
        f"denominator = {toml_value([base[0].id])}  # guessed: what it is read against",
        f"denominator_period = {toml_value(base[1])}",
        "per = 100",
    ]


def _is_count(facts: Facts) -> bool:
    return facts.is_whole and facts.least >= 0


def _known_words(words: Catalogue) -> list[str]:
    """What may be written in the variables and indicators, once for all of them."""
    known: dict[str, Iterable[object]] = {
        "period_kind": PeriodKind,
        "additivity": Additivity,
        "direction": Direction,
        "sector": Sector,
        "care_step": CareStep,
        "theme": words.themes,
    }
    return [
        "",
        *(f"# {key}: {', '.join(str(value) for value in values)}" for key, values in known.items()),
    ]


def _denominator(words: Catalogue) -> tuple[Variable, str] | None:
    """People of a census and the year they are read at, as other indicators read them."""
    for indicator in words.indicators.values():
        if len(indicator.denominator) == 1 and indicator.denominator_period:
            variable = words.variables[indicator.denominator[0]]
            if variable.period_kind is PeriodKind.CENSUS_VINTAGE:
                return variable, indicator.denominator_period
    return None


def _levels(found: Inspection, words: Catalogue, adds_up: bool) -> list[str]:
    """The levels of the file, and all above the finest when its counts add up to them."""
    areas = found.areas
    if areas is None:
        return []
    named = {areas.level, *areas.levels.values(), *areas.mixed} - {""}
    order = [level.id for level in words.territory.levels]
    if adds_up and words.territory.finest_level in named:
        return order
    return [level for level in order if level in named]


def still_to_fill(raw: Mapping[str, object], path: str = "") -> list[str]:
    """The dotted names of what an officer has still to write in a description."""
    found: list[str] = []
    for key, value in raw.items():
        where = f"{path}.{key}" if path else str(key)
        if isinstance(value, Mapping):
            found += still_to_fill(value, where)
        elif value == FILL or (isinstance(value, list) and FILL in value):
            found.append(where)
    return found
