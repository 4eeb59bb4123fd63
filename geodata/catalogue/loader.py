"""Read the catalogue's text, check it, and return it as frozen descriptions."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar

from geodata.catalogue.nouns import (
    Catalogue,
    Counted,
    CoverageMeasure,
    DisclosureProfile,
    Indicator,
    Level,
    Pace,
    Priority,
    ServiceCategory,
    SourceEntry,
    Standard,
    Territory,
    Text,
    Theme,
    Travel,
    Variable,
)
from geodata.methods.composite import Aggregation, Component, Recipe
from geodata.methods.decay import Decay, Exponential, Gaussian, Logistic, Power, StepWeights
from geodata.methods.scales import Normalisation
from geodata.model import (
    Additivity,
    AreaKey,
    CareStep,
    Direction,
    PeriodKind,
    Sector,
    ServiceMode,
    Status,
)

#: Text of the catalogue of one country, beside the themes that all share.
OF_COUNTRY = ("country", "sources", "variables", "indicators", "services", "priorities")
FILES = ("themes", "disclosure", *OF_COUNTRY)
#: What an officer's description may add to the catalogue.
ADDED = ("sources", "variables", "indicators")
#: Whether a reader has met the real file, or only the layout its producer documents.
MET = ("real", "documented")
METHODS = ("ratio", "published", "coverage")
#: How a service is shared out among those it is meant for; ``none``: it is only told of.
SERVICE_METHODS = ("e2sfca", "none")
#: Tables in which a variable may be counted, beside ``figure``.
COUNTED_IN = ("area", "equipment", "service")
DECAYS: Mapping[str, Callable[..., Decay]] = {
    "gaussian": Gaussian,
    "exponential": Exponential,
    "power": Power,
    "logistic": Logistic,
}
#: Words of an entry, in the languages of the interface.
_WORDS = ("name", "short", "unit", "definition", "limits", "counted", "out_of")
MEASURES = ("coverage", "unmet_rate", "gap_rate")
Entry = Mapping[str, Any]
T = TypeVar("T")
Make = Callable[[str, dict[str, Any]], T]


class CatalogueError(ValueError):
    """The catalogue's text contradicts itself; the message names the file and the entry."""


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
        text[name] = (root / "territories" / str(country) / f"{name}.toml").read_bytes()
    text |= {f"added/{path.name}": path.read_bytes() for path, _changed in added}
    return checked_catalogue(text)


def checked_catalogue(text: Mapping[str, bytes]) -> Catalogue:
    """A catalogue from the bytes of its files, by name; see :func:`catalogue` for errors.

    Names are those of :data:`FILES`, ``territory``, and ``added/...`` for each description.
    """
    raw = {name: _parsed(name, text[name]) for name in (*FILES, "territory")}
    for name in sorted(text):
        if name.startswith("added/"):
            _add(name, _parsed(name, text[name]), raw)
    digest = hashlib.sha256()
    for name in sorted(text):
        digest.update(name.encode() + b"\0" + text[name] + b"\0")
    territory = _entry("territory", "territory", _of_country(raw), _territory)
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
        services=_entries("services", raw["services"], _service),
        priorities=_entries(
            "priorities", raw["priorities"], lambda key, entry: _priority(key, entry, indicators)
        ),
        sha256=digest.hexdigest(),
    )
    _check_references(made, {*raw["country"]["levels"]})
    return made


def _add(name: str, described: dict[str, Any], raw: dict[str, dict[str, Any]]) -> None:
    """Add what an officer described: sources, variables and indicators that are not there yet.

    A variable that is there already may be given ``sources`` and nothing else: it is read from
    them too, after those it has. Words given in one language stand for the other; an indicator
    that is published takes from its variable the words it is not given.
    """
    for part, entries in described.items():
        if part not in ADDED:
            raise CatalogueError(f"{name}: unknown part {part!r}; known: {', '.join(ADDED)}.")
        if part == "variables":
            more = {k for k in entries if k in raw[part] and set(entries[k]) == {"sources"}}
            for key in sorted(more):
                _feed(raw[part], key, entries[key]["sources"])
            entries = {key: entry for key, entry in entries.items() if key not in more}
        twice = sorted(set(entries) & set(raw[part]))
        if twice:
            raise CatalogueError(f"{name}, {part}: {', '.join(twice)} is already described.")
        raw[part] |= {key: _in_both_languages(entry) for key, entry in entries.items()}
        if part == "sources":
            raw["territory"]["sources"] = [*raw["territory"]["sources"], *entries]
    for key in described.get("indicators", {}):
        _take_words(raw["indicators"][key], raw["variables"])


def _take_words(indicator: dict[str, Any], variables: Mapping[str, Any]) -> None:
    """Give an indicator the words of what it counts, where it is not given its own."""
    counted = variables.get(str(indicator.get("variable", "")), {})
    for words in ("name", "unit"):
        if words in counted:
            indicator.setdefault(words, counted[words])
    parts, wholes = indicator.get("numerator"), indicator.get("denominator")
    if "unit" not in indicator and parts and wholes:
        part, whole = (variables.get(str(x[0]), {}).get("unit", {}) for x in (parts, wholes))
        if part and whole:
            per = f"{float(indicator.get('per', 1)):g}"
            indicator["unit"] = {
                "fr": f"{part['fr']} pour {per} {whole['fr']}",
                "en": f"{part['en']} per {per} {whole['en']}",
            }
    if "name" in indicator:
        indicator.setdefault("short", indicator["name"])


def _feed(variables: dict[str, Any], key: str, more: Iterable[str]) -> None:
    """Let a variable be read from more sources, the least trusted last."""
    entry = dict(variables[key])
    if "derived" in entry:
        raise CatalogueError(f"variables, [{key}] is derived: it is read from no source.")
    entry["sources"] = [*(entry.get("sources") or [entry.pop("source")]), *more]
    variables[key] = entry


def _in_both_languages(entry: dict[str, Any]) -> dict[str, Any]:
    """The entry, its words given in one language standing for the other."""
    made = dict(entry)
    for key in _WORDS:
        words = made.get(key)
        if isinstance(words, str):
            made[key] = {"fr": words, "en": words}
        elif isinstance(words, dict) and len(words) == 1 and set(words) <= {"fr", "en"}:
            made[key] = dict.fromkeys(("fr", "en"), *words.values())
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


def _text(entry: dict[str, Any], key: str) -> Text:
    words = dict(entry.pop(key))
    text = Text(fr=words.pop("fr"), en=words.pop("en"))
    if words or not text.fr or not text.en:
        raise ValueError(f"{key} needs words in fr and en, and nothing else")
    return text


def _theme(key: str, entry: dict[str, Any]) -> Theme:
    return Theme(key, _text(entry, "name"))


def _profile(key: str, entry: dict[str, Any]) -> DisclosureProfile:
    made = DisclosureProfile(
        id=key,
        name=_text(entry, "name"),
        smallest=int(entry.pop("smallest")),
        dominance=entry.pop("dominance", None),
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
        name=_text(entry, "name"),
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
        name=_text(entry, "name"),
        unit=_text(entry, "unit"),
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
        name=_text(entry, "name"),
        short=_text(entry, "short"),
        unit=_text(entry, "unit"),
        decimals=int(entry.pop("decimals")),
        definition=_text(entry, "definition"),
        limits=_text(entry, "limits"),
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
        counted=_text(entry, "counted") if "counted" in entry else None,
        out_of=_text(entry, "out_of") if "out_of" in entry else None,
    )


def _service(key: str, entry: dict[str, Any]) -> ServiceCategory:
    standards = []
    for item in entry.pop("standards", ()):
        left = dict(item)
        standards.append(
            Standard(
                id=left.pop("id"),
                kind=left.pop("kind"),
                period=left.pop("period"),
                name=_text(left, "name"),
                value=left.pop("value", None),
            )
        )
        if left:
            raise ValueError(f"unknown keys in a standard: {sorted(left)}")
    return ServiceCategory(
        id=key,
        name=_text(entry, "name"),
        capacity_unit=_text(entry, "capacity_unit"),
        supply=tuple(entry.pop("supply", ())),
        demand=entry.pop("demand", None),
        demand_period=entry.pop("demand_period", None),
        per=float(entry.pop("per", 100)),
        periods=tuple(entry.pop("periods", ())),
        sector=Sector(entry.pop("sector")),
        care_step=CareStep(entry.pop("care_step")),
        mode=ServiceMode(entry.pop("mode", ServiceMode.PLACE)),
        method=entry.pop("method"),
        decay=_decay(entry),
        service_area=entry.pop("service_area", None),
        week_share=float(entry.pop("week_share", 1)),
        capacity_error=float(entry.pop("capacity_error", 0)),
        declared_on=entry.pop("declared_on"),
        standards=tuple(standards),
    )


def _decay(entry: dict[str, Any]) -> Decay | None:
    """How fast a place counts less with travel time: zones, or a named curve."""
    if "upper_minutes" in entry:
        bounds = tuple(float(x) for x in entry.pop("upper_minutes"))
        return StepWeights(bounds, tuple(float(x) for x in entry.pop("weights")))
    if "decay" not in entry:
        return None
    curve = dict(entry.pop("decay"))
    return DECAYS[curve.pop("kind")](**curve)


def _priority(key: str, entry: dict[str, Any], known: Mapping[str, Indicator]) -> Priority:
    components = []
    for item in entry.pop("components"):
        left = dict(item)
        indicator = left.pop("indicator")
        _known("priorities", key, (indicator,), known)
        weight, direction = float(left.pop("weight")), known[indicator].direction
        components.append(Component(indicator, weight, direction))
        if left:
            raise ValueError(f"unknown keys in a component: {sorted(left)}")
    return Priority(
        id=key,
        name=_text(entry, "name"),
        definition=_text(entry, "definition"),
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


def _territory(_key: str, entry: dict[str, Any]) -> Territory:
    area, country = dict(entry.pop("area")), dict(entry.pop("country"))
    levels = []
    for level_id, item in entry.pop("levels").items():
        left = dict(item)
        levels.append(
            Level(
                id=level_id,
                name=_text(left, "name"),
                one=_text(left, "one"),
                pattern=left.pop("pattern", ""),
                own=left.pop("own", ""),
                first_zoom=int(left.pop("first_zoom", 3)),
                is_outline=bool(left.pop("is_outline", False)),
            )
        )
        if left:
            raise ValueError(f"unknown keys in level {level_id}: {sorted(left)}")
    west, south, east, north = (float(x) for x in entry.pop("bounds"))
    c_west, c_south, c_east, c_north = (float(x) for x in entry.pop("comparison_bounds"))
    return Territory(
        id=entry.pop("id"),
        name=_text(entry, "name"),
        area=AreaKey(area["level"], area["id"]),
        country=AreaKey("country", country["id"]),
        country_name=_text(country, "name"),
        neighbours=tuple(entry.pop("neighbours", ())),
        metric_crs=entry.pop("metric_crs"),
        default_level=entry.pop("default_level"),
        middle_level=entry.pop("middle_level"),
        country_parts_level=entry.pop("country_parts_level"),
        sources=tuple(entry.pop("sources")),
        bounds=(west, south, east, north),
        comparison_bounds=(c_west, c_south, c_east, c_north),
        levels=tuple(levels),
        travel=_travel(entry.pop("travel")),
        parts=dict(entry.pop("parts", {})),
        marks={mark: str(Status(word)) for mark, word in entry.pop("marks", {}).items()},
        metric_zones=dict(entry.pop("metric_zones", {})),
        enclaves={name: (float(x), float(y)) for name, (x, y) in entry.pop("enclaves", {}).items()},
        time_zone=entry.pop("time_zone", "UTC"),
        tile_zooms=_zooms(*entry.pop("tile_zooms", (3, 11))),
    )


def _travel(entry: Entry) -> Travel:
    """Travel with its paces: each table inside it is one, by its name."""
    plain = {key: value for key, value in entry.items() if not isinstance(value, dict)}
    paces = tuple(_pace(key, dict(value)) for key, value in entry.items() if key not in plain)
    travel = Travel(**plain, paces=paces)
    if travel.detour_factor < 1 or travel.speed_kmh <= 0 or not 0 <= travel.error_share < 1:
        raise ValueError("travel: detour_factor >= 1, speed_kmh > 0, error_share in [0, 1)")
    return travel


def _pace(key: str, entry: dict[str, Any]) -> Pace:
    pace = Pace(
        id=key,
        trait=str(entry.pop("trait")),
        codes=tuple(str(code) for code in entry.pop("codes")),
        factor=float(entry.pop("factor")),
        winter_factor=float(entry.pop("winter_factor", 1.0)),
    )
    if entry:
        raise ValueError(f"unknown keys in travel.{key}: {sorted(entry)}")
    if not pace.codes or not (1 <= pace.factor <= 5 and 1 <= pace.winter_factor <= 5):
        raise ValueError(f"travel.{key} needs codes, and factors between 1 and 5")
    return pace


def _zooms(first: int, last: int) -> tuple[int, int]:
    if not 0 <= first <= last <= 14:
        raise ValueError("tile_zooms are two zooms between 0 and 14")
    return first, last


def _check_references(made: Catalogue, levels: set[str]) -> None:
    """Raise CatalogueError when an entry names something the catalogue does not hold."""
    territory = made.territory
    _known("territory", "sources", territory.sources, made.sources)
    _known("territory", "middle_level", (territory.middle_level,), levels)
    _known("territory", "country_parts_level", (territory.country_parts_level,), levels)
    for source in made.sources.values():
        _known("sources", source.id, source.needs, made.sources)
        _known("sources", source.id, source.small_counts_at, levels)
    for variable in made.variables.values():
        _known("variables", variable.id, variable.sources, made.sources)
        if variable.window_of is not None:
            _known("variables", variable.id, (variable.window_of,), made.variables)
        if variable.disclosure is not None:
            _known("variables", variable.id, (variable.disclosure,), made.profiles)
        if variable.counted is not None:
            _known("variables", variable.id, (variable.counted.table,), COUNTED_IN)
    for indicator in made.indicators.values():
        _check_indicator(indicator, made, levels)
    for priority in made.priorities.values():
        _known("priorities", priority.id, priority.levels, levels)
    for service in made.services.values():
        _check_service(service, made, levels)


def _check_service(service: ServiceCategory, made: Catalogue, levels: set[str]) -> None:
    where = ("services", service.id)
    _known(*where, service.variables, made.variables)
    _known(*where, (service.method,), SERVICE_METHODS)
    if service.service_area is not None:
        _known(*where, (service.service_area,), levels)
    needed = {
        ServiceMode.PLACE: service.decay is not None,
        ServiceMode.ITINERANT: service.decay is not None and service.week_share < 1,
        ServiceMode.CATCHMENT: service.service_area is not None and service.decay is None,
        ServiceMode.REMOTE: service.decay is None and service.service_area is None,
    }
    if not needed[service.mode]:
        raise CatalogueError(
            f"services.toml, [{service.id}]: a service at a place needs zones or a decay, an "
            "itinerant one a week_share below 1 too, one over a catchment its service_area "
            "alone, a remote one neither"
        )
    if service.method != "none" and not (service.supply and service.demand and service.periods):
        raise CatalogueError(
            f"services.toml, [{service.id}]: {service.method} needs supply, demand and periods"
        )


def _check_indicator(indicator: Indicator, made: Catalogue, levels: set[str]) -> None:
    where = ("indicators", indicator.id)
    _known(*where, (indicator.theme,), made.themes)
    _known(*where, indicator.levels, levels)
    _known(*where, (indicator.method,), METHODS)
    _known(*where, (*indicator.numerator, *indicator.denominator), made.variables)
    complete = {
        "ratio": bool(indicator.numerator and indicator.denominator),
        "published": indicator.variable is not None,
        "coverage": indicator.coverage is not None,
    }
    if not complete[indicator.method]:
        raise CatalogueError(f"indicators.toml, [{indicator.id}]: {indicator.method} lacks a part")
    for said, variables in (("counted", indicator.numerator), ("out_of", indicator.denominator)):
        units = {made.variables[variable].unit for variable in variables}
        if len(units) > 1 and getattr(indicator, said) is None:
            raise CatalogueError(
                f"indicators.toml, [{indicator.id}]: units differ, {said} must say it"
            )
        if not units and getattr(indicator, said) is not None:
            raise CatalogueError(f"indicators.toml, [{indicator.id}]: {said} has nothing to count")
    if indicator.variable is not None:
        _known(*where, (indicator.variable,), made.variables)
    if indicator.coverage is not None:
        _known(*where, (indicator.coverage.service,), made.services)
        _known(*where, (indicator.coverage.measure,), MEASURES)
        standards = [s.id for s in made.services[indicator.coverage.service].standards]
        _known(*where, (indicator.coverage.standard,), standards)


def _known(name: str, key: str, named: Iterable[str], known: Iterable[str]) -> None:
    unknown = sorted(set(named) - set(known))
    if unknown:
        raise CatalogueError(f"{name}.toml, [{key}] names {', '.join(unknown)}: not described")
