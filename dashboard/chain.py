"""Chain: what an area has of each link of the care chain, and the first that is broken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from dashboard import data
from dashboard.reader import Reader
from geodata.catalogue.nouns import ServiceCategory
from geodata.methods.broken_links import broken_link_sentence
from geodata.methods.care_chain import STEPS, LinkState
from geodata.model import AreaKey, CareStep, Sector

#: The states in which a service helps somebody.
_HELPING = (LinkState.SUFFICIENT.code, LinkState.PRESENT.code, LinkState.REACHABLE.code)
#: The states in the order they are explained: from the best to those that say nothing.
STATES = tuple(
    state.code
    for state in (
        LinkState.SUFFICIENT,
        LinkState.PRESENT,
        LinkState.REACHABLE,
        LinkState.SATURATED,
        LinkState.ABSENT,
        LinkState.UNKNOWN,
        LinkState.NOT_APPLICABLE,
    )
)


@dataclass(frozen=True, slots=True)
class Cell:
    """A step in a sector: its state, and the services behind it in words."""

    state: str
    behind: str


@dataclass(frozen=True, slots=True)
class Row:
    """A step, its cells by sector; None where no service is described."""

    step: CareStep
    name: str
    cells: tuple[Cell | None, ...]
    is_broken: bool


@dataclass(frozen=True, slots=True)
class Chain:
    """The chain of one area: its first broken link, its table, and what would make it known."""

    sentence: str
    sectors: tuple[str, ...]
    rows: tuple[Row, ...]
    unknown: tuple[str, ...]


def chain_of(reader: Reader, key: AreaKey) -> Chain | None:
    """The care chain of an area; None where the release has none, as outside the territory."""
    links = data.care_links(reader.principal, reader.release, key)
    if links.empty:
        return None
    words = reader.words
    cells: dict[tuple[Any, Any], dict[Any, Any]] = {
        (row["care_step"], row["sector"]): row for row in links.to_dict("records")
    }
    sectors = [sector for sector in Sector if sector in set(links["sector"])]
    broken = _broken(reader, key)
    rows = [
        Row(
            step=step,
            name=words(f"care_step.{step}"),
            cells=tuple(
                _cell(reader, step, sector, cells[step, sector])
                if (step, sector) in cells
                else None
                for sector in sectors
            ),
            is_broken=broken.get("care_step") == step,
        )
        for step in STEPS
    ]
    return Chain(
        sentence=_sentence(reader, broken, cells, sectors),
        sectors=tuple(words(f"sector.{sector}") for sector in sectors),
        rows=tuple(rows),
        unknown=tuple(_unknown(reader, links)),
    )


def state_words(reader: Reader, state: str) -> str:
    """The word of a state."""
    return reader.words(f"link_state.{state}")


def _broken(reader: Reader, key: AreaKey) -> dict[Any, Any]:
    frame = data.broken_links(reader.principal, reader.release, key.level)
    found = frame[frame["area_id"] == key.area_id].astype("object")
    return found.where(found.notna(), None).to_dict("records")[0] if len(found) else {}


def _sentence(
    reader: Reader,
    broken: dict[Any, Any],
    cells: dict[tuple[Any, Any], dict[Any, Any]],
    sectors: list[Sector],
) -> str:
    """The first broken link in words, and the first step before it that nobody knows."""
    words, step = reader.words, broken.get("care_step")
    evidence = [
        (str(sector), str(cells[step, sector]["state"]), str(cells[step, sector]["service"]))
        for sector in sectors
        if (step, sector) in cells and cells[step, sector]["state"] != LinkState.NOT_APPLICABLE.code
    ]

    def say(key: str, **values: str) -> str:
        head, _, code = key.partition(".")
        return _service(reader, code) if head == "category" else words(key, **values)

    said = [broken_link_sentence(str(broken.get("verdict", "unknown")), step, evidence, say)]
    if broken.get("unknown_before"):
        unknown = words(f"care_step.{broken['unknown_before']}")
        key = "care_chain.unknown_before" if step else "care_chain.first_unknown"
        said.append(words(key, step=unknown))
    return " ".join(said)


def _cell(reader: Reader, step: CareStep, sector: Sector, row: dict[Any, Any]) -> Cell:
    """A cell with what decides it, the worst that it hides, and how many nobody knows."""
    words = reader.words
    parts = [
        words(
            "care_chain.behind" if row["state"] in _HELPING else "care_chain.behind_silent",
            step=words(f"care_step.{step}"),
            sector=words(f"sector.{sector}"),
            state=state_words(reader, row["state"]),
            service=_dated(reader, row["service"]),
        )
    ]
    if row["worst_state"] != row["state"]:
        worst, state = _dated(reader, row["worst_service"]), state_words(reader, row["worst_state"])
        parts.append(words("care_chain.worst", state=state, service=worst))
    if row["unknown"] and row["categories"] > 1:
        count, known = words.number(row["unknown"]), words.number(row["categories"])
        parts.append(words("care_chain.unknown_among", unknown=count, categories=known))
    return Cell(str(row["state"]), words("care_chain.separator").join(parts))


def _unknown(reader: Reader, links: pd.DataFrame) -> list[str]:
    """The cells that nobody knows, by the file that would tell of them."""
    words = reader.words
    by_source: dict[str, dict[str, list[str]]] = {}
    unknown = links[links["state"] == LinkState.UNKNOWN.code]
    rows = {(row["care_step"], row["sector"]): row for row in unknown.to_dict("records")}
    for step in STEPS:
        for sector in Sector:
            if (step, sector) in rows:
                source = unread_source(reader, str(rows[step, sector]["service"]))
                steps = by_source.setdefault(source, {})
                steps.setdefault(words(f"care_step.{step}"), []).append(words(f"sector.{sector}"))
    said = []
    for source, steps in by_source.items():
        where = words("care_chain.separator").join(
            words("care_chain.where", step=step, sectors=", ".join(sectors).lower())
            for step, sectors in steps.items()
        )
        said.append(words("care_chain.unknown_where", where=where) + " " + feeding(reader, source))
    return said


def unread_source(reader: Reader, service_id: str) -> str:
    """The most trusted source that counts a service and was not read; empty where none is known.

    One that the territory reads comes before those of the rest of the country.
    """
    known = reader.catalogue
    read = set(data.sources(reader.principal, reader.release)["source_id"])
    service = known.services.get(service_id)
    counting = [
        source
        for variable in (service.supply if service else ())
        for source in known.variables[variable].sources
        if source in known.sources and source not in read
    ]
    ours = [source for source in counting if source in known.territory.sources]
    return next(iter([*ours, *counting]), "")


def feeding(reader: Reader, source_id: str) -> str:
    """What file would tell what is unknown, and whether bringing it is enough."""
    words, known = reader.words, reader.catalogue
    if not source_id:
        return words("care_chain.no_file")
    entry = known.sources[source_id]
    name = words.of(entry.name)
    if entry.published_as:
        name = words("care_chain.file_name", name=name, file=entry.published_as[0])
    is_ours = source_id in known.territory.sources
    return words("care_chain.file" if is_ours else "care_chain.file_elsewhere", file=name)


def _dated(reader: Reader, service_id: str) -> str:
    """A service with the period of its places, where it has any."""
    service: ServiceCategory | None = reader.catalogue.services.get(service_id)
    name = _service(reader, service_id)
    if service is None or not service.periods:
        return name
    return reader.words("care_chain.dated", service=name, period=max(service.periods))


def _service(reader: Reader, service_id: str) -> str:
    """The name of a service within a sentence; its id where the catalogue lost it."""
    service = reader.catalogue.services.get(service_id)
    if service is None:
        return service_id
    name = reader.words.of(service.name)
    return name[:1].lower() + name[1:]
