"""Read the catalogue's text, check it, and return it as frozen descriptions."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, TypeVar

from geodata.catalogue.added import add
from geodata.catalogue.checks import check_references
from geodata.catalogue.entry import CatalogueError, Entry, check_known, text_of
from geodata.catalogue.nouns import (
    Awaited,
    Break,
    Catalogue,
    Counted,
    CoverageMeasure,
    DisclosureProfile,
    Indicator,
    NeighbourSet,
    Priority,
    SourceEntry,
    Theme,
    Variable,
)
from geodata.catalogue.services import service_of
from geodata.catalogue.territory import territory_of
from geodata.methods.composite import Aggregation, Component, Recipe
from geodata.methods.scales import Normalisation
from geodata.model import (
    Additivity,
    CareStep,
    Chance,
    Direction,
    PeriodKind,
    Sector,
)

#: Text of the catalogue of one country, beside the themes that all share.
OF_COUNTRY = (
    "country",
    "sources",
    "variables",
    "indicators",
    "awaited",
    "services",
    "priorities",
    "neighbours",
)
FILES = ("themes", "disclosure", *OF_COUNTRY)
#: Whether a reader has met the real file, or only the layout its producer documents.
MET = ("real", "documented")
T = TypeVar("T")
Make = Callable[[str, dict[str, Any]], T]


def catalogue(
    territory_id: str, descriptions: Path | None = None, also: Path | None = None
) -> Catalogue:
    """The checked catalogue for one territory, read once per process.

    ``descriptions`` is the folder of the sources that officers described themselves; ``also`` is
    one more description, that is not approved yet: it stands for the one of the same file name.

    Raises
    ------
    CatalogueError
        When the territory is unknown, a key is missing or unknown, or a reference is dangling.
    """
    added = sorted(descriptions.glob("*.toml")) if descriptions else []
    if also is not None:
        added = [*(path for path in added if path.name != also.name), also]
    return _catalogue(territory_id, tuple((path, path.stat().st_mtime_ns) for path in added))


@cache
def _catalogue(territory_id: str, added: tuple[tuple[Path, int], ...]) -> Catalogue:
    text = catalogue_text(territory_id)
    text |= {f"added/{path.name}": path.read_bytes() for path, _changed in added}
    return checked_catalogue(text)


def catalogue_text(territory_id: str) -> dict[str, bytes]:
    """The bytes of every file of a territory's catalogue, by name, as shipped.

    Raises
    ------
    CatalogueError
        When the territory is unknown.
    """
    root = resources.files("geodata.catalogue")
    territory = root / "territories" / f"{territory_id}.toml"
    if not territory.is_file():
        known = sorted(
            p.name[:-5] for p in (root / "territories").iterdir() if p.name.endswith(".toml")
        )
        raise CatalogueError(f"Unknown territory {territory_id!r}; known: {', '.join(known)}.")
    text = {name: (root / f"{name}.toml").read_bytes() for name in ("themes", "disclosure")}
    text["territory"] = territory.read_bytes()
    country = _parsed("territory", text["territory"]).get("catalogue", "")
    for name in OF_COUNTRY:
        text |= _files(root / "territories" / str(country), name)
    return text


def _files(folder: Traversable, name: str) -> dict[str, bytes]:
    """One part of a country's text: a file, and those of the folder of the same name beside it."""
    made = {}
    if (folder / f"{name}.toml").is_file():
        made[name] = (folder / f"{name}.toml").read_bytes()
    if (folder / name).is_dir():
        more = sorted((folder / name).iterdir(), key=lambda path: path.name)
        made |= {f"{name}/{path.name[:-5]}": path.read_bytes() for path in more}
    return made


def checked_catalogue(text: Mapping[str, bytes]) -> Catalogue:
    """A catalogue from the bytes of its files, by name; see :func:`catalogue` for errors.

    Names are those of :data:`FILES`, ``territory``, ``added/...`` for each description, and
    ``indicators/...`` (or another part) for each further file of that part.
    """
    raw = {name: _part(name, text) for name in (*FILES, "territory")}
    for name in sorted(text):
        if name.startswith("added/"):
            add(name, _parsed(name, text[name]), raw)
    digest = hashlib.sha256()
    for name in sorted(text):
        digest.update(name.encode() + b"\0" + text[name] + b"\0")
    territory = _entry("territory", "territory", _of_country(raw), territory_of)
    levels = {level.id for level in territory.levels}
    indicators = {
        key: replace(entry, levels=tuple(x for x in entry.levels if x in levels))
        for key, entry in _entries("indicators", raw["indicators"], _indicator).items()
    }
    made = Catalogue(
        territory=territory,
        themes=_entries("themes", raw["themes"], _theme),
        profiles=_entries("disclosure", raw["disclosure"], _profile),
        sources=_entries("sources", raw["sources"], _source),
        variables=_entries("variables", raw["variables"], _variable),
        indicators=indicators,
        services=_entries("services", raw["services"], service_of),
        priorities=_entries(
            "priorities", raw["priorities"], lambda key, entry: _priority(key, entry, indicators)
        ),
        awaited=_entries("awaited", raw["awaited"], _awaited),
        neighbours=_entries(
            "neighbours", raw["neighbours"], lambda key, entry: _neighbours(key, entry, indicators)
        ),
        sha256=digest.hexdigest(),
    )
    check_references(made, {*raw["country"]["levels"]})
    return made


def _part(name: str, text: Mapping[str, bytes]) -> dict[str, Any]:
    """One part of the catalogue, from all of its files; what is described twice is refused."""
    made: dict[str, Any] = {}
    for file in sorted(x for x in text if x == name or x.startswith(f"{name}/")):
        entries = _parsed(file, text[file])
        twice = sorted(set(entries) & set(made))
        if twice:
            raise CatalogueError(f"{file}.toml: {', '.join(twice)} is already described.")
        made |= entries
    return made


def _of_country(raw: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """The territory's text with what it shares with the whole country."""
    shared, own = dict(raw["country"]), dict(raw["territory"])
    own.pop("catalogue", None)
    codes = own.pop("own", {})
    named = own.pop("levels")
    try:
        levels = {name: dict(shared["levels"][name]) for name in named}
        for name, pattern in codes.items():
            levels[name]["own"] = pattern
    except KeyError as error:
        raise CatalogueError(f"territory.toml: level {error} is not in country.toml") from error
    return {**shared, **own, "levels": levels}


def _parsed(name: str, content: bytes) -> dict[str, Any]:
    try:
        return tomllib.loads(content.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CatalogueError(f"{name}.toml cannot be read: {error}") from error


def _entries(name: str, raw: Entry, make: Make[T]) -> dict[str, T]:
    return {key: _entry(name, key, entry, make) for key, entry in raw.items()}


def _entry(name: str, key: str, entry: Entry, make: Make[T]) -> T:
    left = dict(entry)
    try:
        made = make(key, left)
    except (KeyError, TypeError, ValueError) as error:
        raise CatalogueError(f"{name}.toml, [{key}]: {error!r}") from error
    if left:
        raise CatalogueError(f"{name}.toml, [{key}]: unknown keys {sorted(left)}")
    return made


def _theme(key: str, entry: dict[str, Any]) -> Theme:
    return Theme(key, text_of(entry, "name"))


def _profile(key: str, entry: dict[str, Any]) -> DisclosureProfile:
    made = DisclosureProfile(
        id=key,
        name=text_of(entry, "name"),
        smallest=int(entry.pop("smallest")),
        dominance=entry.pop("dominance", None),
        share=float(entry.pop("share", 0.0)),
        is_zero_sensitive=bool(entry.pop("is_zero_sensitive", False)),
        fewest_people=int(entry.pop("fewest_people", 0)),
    )
    if made.smallest < 2 or not 0 < (made.dominance or 1) <= 1:
        raise ValueError("smallest is 2 or more, dominance a share")
    return made


def _source(key: str, entry: dict[str, Any]) -> SourceEntry:
    if entry.get("met", "real") not in MET:
        raise ValueError(f"met is one of {', '.join(MET)}")
    return SourceEntry(
        id=key,
        reader=entry.pop("reader"),
        name=text_of(entry, "name"),
        file=entry.pop("file", None),
        published_as=tuple(entry.pop("published_as", ())),
        address=entry.pop("address", None),
        needs=tuple(entry.pop("needs", ())),
        options=dict(entry.pop("options", {})),
        met=entry.pop("met", "real"),
        schedule=entry.pop("schedule", None),
        is_record_level=bool(entry.pop("is_record_level", False)),
        is_territory=bool(entry.pop("is_territory", False)),
        largest_bytes=int(entry.pop("largest_bytes", 512 * 1024 * 1024)),
        public_contacts=tuple(entry.pop("public_contacts", ())),
        small_counts_at=tuple(entry.pop("small_counts_at", ())),
        passport={name: str(value) for name, value in entry.pop("passport", {}).items()},
    )


def _variable(key: str, entry: dict[str, Any]) -> Variable:
    derived = dict(entry.pop("derived", {}))
    counted = dict(entry.pop("counted", {}))
    named = () if derived else entry.pop("sources", None) or (entry.pop("source"),)
    if derived and derived.pop("method") != "window_sum":
        raise ValueError("a derived variable knows the method window_sum only")
    return Variable(
        id=key,
        sources=tuple(named),
        name=text_of(entry, "name"),
        unit=text_of(entry, "unit"),
        period_kind=PeriodKind(entry.pop("period_kind")),
        additivity=Additivity(entry.pop("additivity")),
        minimum=float(entry.pop("minimum")),
        is_whole=bool(entry.pop("is_whole")),
        window_of=derived.get("of"),
        window_years=int(derived.get("years", 1)),
        counted=Counted(counted.pop("in"), **counted) if counted else None,
        disclosure=entry.pop("disclosure", None),
    )


def _indicator(key: str, entry: dict[str, Any]) -> Indicator:
    coverage = entry.pop("coverage", None)
    return Indicator(
        id=key,
        theme=entry.pop("theme"),
        code=entry.pop("code"),
        name=text_of(entry, "name"),
        short=text_of(entry, "short"),
        unit=text_of(entry, "unit"),
        decimals=int(entry.pop("decimals")),
        definition=text_of(entry, "definition"),
        limits=text_of(entry, "limits"),
        direction=Direction(entry.pop("direction")),
        sector=Sector(entry.pop("sector")),
        care_step=CareStep(entry.pop("care_step")),
        kind=entry.pop("kind"),
        levels=tuple(entry.pop("levels")),
        notices=tuple(entry.pop("notices")),
        method=entry.pop("method"),
        numerator=tuple(entry.pop("numerator", ())),
        denominator=tuple(entry.pop("denominator", ())),
        denominator_period=entry.pop("denominator_period", None),
        per=float(entry.pop("per", 1)),
        variable=entry.pop("variable", None),
        coverage=None if coverage is None else CoverageMeasure(**coverage),
        is_signed=bool(entry.pop("is_signed", False)),
        counted=text_of(entry, "counted") if "counted" in entry else None,
        out_of=text_of(entry, "out_of") if "out_of" in entry else None,
        chance=Chance(entry.pop("chance")),
        defined_on=entry.pop("defined_on"),
        breaks=tuple(_break(dict(item)) for item in entry.pop("breaks", ())),
    )


def _break(item: dict[str, Any]) -> Break:
    made = Break(str(item.pop("period")), text_of(item, "why"), tuple(item.pop("levels", ())))
    if item:
        raise ValueError(f"unknown keys in a break: {sorted(item)}")
    return made


def _awaited(key: str, entry: dict[str, Any]) -> Awaited:
    return Awaited(
        id=key,
        theme=entry.pop("theme"),
        code=entry.pop("code"),
        name=text_of(entry, "name"),
        definition=text_of(entry, "definition"),
        numerator=text_of(entry, "numerator"),
        denominator=text_of(entry, "denominator") if "denominator" in entry else None,
        unit=text_of(entry, "unit"),
        limits=text_of(entry, "limits"),
        fed_by=text_of(entry, "fed_by"),
        direction=Direction(entry.pop("direction")),
        sector=Sector(entry.pop("sector")),
        care_step=CareStep(entry.pop("care_step")),
        kind=entry.pop("kind"),
        levels=tuple(entry.pop("levels")),
        defined_on=entry.pop("defined_on", None),
    )


def _neighbours(key: str, entry: dict[str, Any], known: Mapping[str, Indicator]) -> NeighbourSet:
    described_by, in_logs = [], []
    for item in entry.pop("described_by"):
        left = dict(item)
        indicator = left.pop("indicator")
        check_known("neighbours", key, (indicator,), known)
        if left.pop("in_logs", False):
            in_logs.append(indicator)
        described_by.append((indicator, float(left.pop("weight"))))
        if left:
            raise ValueError(f"unknown keys in described_by: {sorted(left)}")
    return NeighbourSet(
        id=key,
        name=text_of(entry, "name"),
        definition=text_of(entry, "definition"),
        levels=tuple(entry.pop("levels")),
        described_by=tuple(described_by),
        count=int(entry.pop("count")),
        winsorised_at=float(entry.pop("winsorised_at")),
        declared_on=entry.pop("declared_on"),
        in_logs=tuple(in_logs),
    )


def _priority(key: str, entry: dict[str, Any], known: Mapping[str, Indicator]) -> Priority:
    components = []
    for item in entry.pop("components"):
        left = dict(item)
        indicator = left.pop("indicator")
        check_known("priorities", key, (indicator,), known)
        weight, direction = float(left.pop("weight")), known[indicator].direction
        components.append(Component(indicator, weight, direction))
        if left:
            raise ValueError(f"unknown keys in a component: {sorted(left)}")
    return Priority(
        id=key,
        name=text_of(entry, "name"),
        definition=text_of(entry, "definition"),
        levels=tuple(entry.pop("levels")),
        recipe=Recipe(
            tuple(components),
            Normalisation(entry.pop("normalisation")),
            Aggregation(entry.pop("aggregation")),
            most_missing=float(entry.pop("most_missing")),
        ),
        top_share=float(entry.pop("top_share")),
        declared_on=entry.pop("declared_on"),
    )
