"""What is said around a table: what is selected, definitions, sources, caveats, what marks mean."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from dashboard import data
from dashboard.components.in_words import method_words
from dashboard.components.invented import invented_sources
from dashboard.components.told import source_name
from dashboard.exports.table import Context, Sheet
from dashboard.flags import flag_why, flag_word, flags_of
from dashboard.pages import View
from geodata.catalogue.nouns import Indicator, ServiceCategory
from geodata.model import Status

_DEFINED = (
    *("name", "unit", "definition", "direction", "method", "limits", "breaks", "defined_on"),
    *("sector", "care_step", "id"),
)
_SOURCE = (
    *("name", "producer", "dataset", "vintage", "licence", "attribution"),
    *("retrieved_on", "url", "nature", "file", "sha256"),
)


def context(
    view: View,
    title: str,
    indicators: Sequence[Indicator],
    *,
    facts: Mapping[str, str],
    caveats: Iterable[str] = (),
    statuses: Collection[str] = (),
    flags: int = 0,
    marks: Iterable[tuple[str, str]] = (),
    services: Sequence[ServiceCategory] = (),
) -> Context:
    """The context of what a page shows of some indicators, or of some services.

    ``facts`` are those of the page, by the key of their name in ``export``; territory, level,
    release and the rest are added. ``statuses`` and ``flags`` (their sum) are those of the rows:
    what they mean is told.
    """
    release, used = view.release, _used(view, indicators, services)
    pinned = view.selection.changed(release=release.release_id)
    told = {**_place(view), "area": area_name(view), **facts, "release": _release(view)}
    return Context(
        title=title,
        facts=tuple((name, said) for name, said in told.items() if said),
        definitions=_definitions(view, indicators, services),
        sources=_sources(view, used),
        caveats=tuple(
            dict.fromkeys([*_invented(view, used), *caveats, *_limits(view, indicators)])
        ),
        marks=(*marks, *_marks(view, statuses, flags)),
        link=pinned.url(),
        release_id=release.release_id,
        made_at=release.published_at or release.made_at,
    )


def level_name(view: View) -> str:
    """The name of the selected level, in the plural."""
    return view.words.of(view.catalogue.territory.level(view.selection.level).name)


def level_one(view: View) -> str:
    """The name of one area of the selected level."""
    return view.words.of(view.catalogue.territory.level(view.selection.level).one)


def area_name(view: View) -> str:
    """The name and code of the selected area, or an empty text."""
    key = view.selection.area
    if key is None:
        return ""
    areas = data.areas(view.principal, view.release, key.level).set_index("area_id")["name"]
    return f"{areas.get(key.area_id, key.area_id)} ({key.area_id})"


def all_flags(flags: Iterable[Any]) -> int:
    """The sum of every flag that is among those of some rows."""
    found = 0
    for one in flags:
        found |= 0 if pd.isna(one) else int(one)
    return found


def _place(view: View) -> dict[str, str]:
    words = view.words
    return {"territory": words.of(view.catalogue.territory.name), "level": level_name(view)}


def _release(view: View) -> str:
    words, release = view.words, view.release
    return words(
        "export.release_said",
        number=release.number,
        day=words.day(release.published_at or release.made_at),
        id=release.release_id,
    )


def _definitions(
    view: View, indicators: Sequence[Indicator], services: Sequence[ServiceCategory]
) -> Sheet:
    words = view.words
    rows = [_service(view, one) for one in services]
    for one in indicators:
        level = view.selection.level
        breaks = [f"{x.period}: {words.of(x.why)}" for x in one.breaks_at(level)]
        rows.append(
            (
                words.of(one.name),
                words.of(one.unit),
                words.of(one.definition),
                words(f"methods.direction_{one.direction}"),
                method_words(view, one),
                words.of(one.limits),
                " ".join(breaks),
                one.defined_on.isoformat() if one.defined_on else "",
                words(f"sector.{one.sector}"),
                words(f"care_step.{one.care_step}"),
                one.id,
            )
        )
    heads = tuple(words(f"export.defined_{name}") for name in _DEFINED)
    return Sheet(_DEFINED, heads, tuple(rows))


def _service(view: View, service: ServiceCategory) -> tuple[str, ...]:
    """A category of service, in the columns of the indicators."""
    words = view.words
    told = {
        "name": words.of(service.name),
        "unit": words.of(service.capacity_unit),
        "method": words(f"methods.method_{service.method}"),
        "defined_on": service.declared_on.isoformat(),
        "sector": words(f"sector.{service.sector}"),
        "care_step": words(f"care_step.{service.care_step}"),
        "id": service.id,
    }
    return tuple(told.get(name, "") for name in _DEFINED)


def _used(
    view: View, indicators: Sequence[Indicator], services: Sequence[ServiceCategory]
) -> list[str]:
    """The sources that the figures may come from, each once."""
    known = view.catalogue.variables
    found = [x for one in indicators for x in view.catalogue.sources_of(one)]
    found += [x for one in services for name in one.variables for x in known[name].sources]
    return list(dict.fromkeys(found))


def _sources(view: View, used: Sequence[str]) -> Sheet:
    words = view.words
    known = data.sources(view.principal, view.release).set_index("source_id", drop=False)
    invented = invented_sources(view)
    rows = []
    for source_id in used:
        if source_id not in known.index:
            continue
        row: dict[Any, Any] = known.loc[source_id].to_dict()
        nature = words("data.invented") if source_id in invented else words("export.nature_real")
        told = {"name": source_name(words, view.catalogue, source_id), "nature": nature}
        rows.append(tuple(str(told.get(x, row.get(x) or "")) for x in _SOURCE))
    heads = tuple(words(f"export.source_{name}") for name in _SOURCE)
    return Sheet(_SOURCE, heads, tuple(rows))


def _invented(view: View, used: Sequence[str]) -> list[str]:
    words = view.words
    drawn = set(used) & invented_sources(view)
    return [f"{words('data.invented')} {words('data.invented_shown')}"] if drawn else []


def _limits(view: View, indicators: Sequence[Indicator]) -> list[str]:
    """The limits and notices of the indicators; what several share is told once."""
    words, found = view.words, dict[str, list[str]]()
    for one in indicators:
        parts = [words.of(one.limits), *(words(f"notice.{name}") for name in one.notices)]
        told = " ".join(part for part in parts if part)
        if told:
            found.setdefault(told, []).append(words.of(one.name))
    return [
        words("format.labelled", label="; ".join(names), value=told)
        for told, names in found.items()
    ]


def _marks(view: View, statuses: Collection[str], flags: int) -> list[tuple[str, str]]:
    """The statuses and flags that are among the rows, and what each means."""
    words = view.words
    made = []
    for status in Status:
        if status.value in statuses:
            name = words.status(status)
            if not status.has_value:
                name = words("format.labelled", label=words(f"silence.{status}"), value=name)
            made.append((name, words(f"export.status_{status}")))
    return made + [(flag_word(words, flag), flag_why(words, flag)) for flag in flags_of(flags)]
