"""Parts that documents share: what stands around them, maps, the care chain, sources."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from dashboard import data
from dashboard.chain import STATES, chain_of, state_words
from dashboard.components.invented import chain_told, invented_sources
from dashboard.components.provenance import release_words
from dashboard.components.told import licence_name, source_name
from dashboard.figures.paper_map import swatch_svg
from dashboard.pages import View
from dashboard.paper.map_plate import Plate
from geodata.catalogue.nouns import Indicator
from geodata.model import AreaKey

Part = dict[str, Any]


def around(view: View, title: str, eyebrow: str, subtitle: str, address: str) -> Part:
    """What stands around a document: its language, titles, release, day, and the way back.

    ``address`` is where the observatory answers ("http://…"); the link is pinned to the release.
    """
    words, release = view.words, view.release
    made = release.published_at or release.made_at
    link = address.rstrip("/") + view.selection.changed(release=release.release_id).url()
    named = ("page", "contents", "sources", "reopen", "count", "author", "colon")
    return {
        "language": words.language,
        "title": title,
        "eyebrow": eyebrow,
        "subtitle": subtitle,
        "territory": words.of(view.catalogue.territory.name),
        "release": release_words(view),
        "day": [int(part) for part in made[:10].split("-")],
        "link": link,
        "reopen": words("paper.reopen_why", number=release.number),
        "words": {name: words(f"paper.{name}") for name in named},
    }


def map_part(made: Plate) -> Part:
    """A map with its legend as rows, each with its swatch, and its notes."""
    return {
        "title": made.title,
        "subtitle": made.subtitle,
        "drawing": {"svg": made.drawing()},
        "alt": made.words,
        "unit": made.unit,
        "counted": made.counted,
        "entries": [
            {
                "swatch": {"svg": swatch_svg(entry.mark)},
                "text": entry.text,
                "count": "" if entry.count is None else str(entry.count),
                "why": entry.why,
            }
            for entry in made.entries
        ],
        "notes": list(made.notes),
    }


def chain_part(view: View, key: AreaKey, name: str) -> Part | None:
    """The care chain of an area as a table of states, or None where there is none."""
    words, chain = view.words, chain_of(view.reader, key)
    if chain is None:
        return None
    cells = [[cell and cell.state for cell in row.cells] for row in chain.rows]
    shown = {state for row in cells for state in row if state}
    return {
        "title": f"{words('care_chain.title')} – {name}",
        "caption": words("care_chain.caption"),
        "invented": chain_told(view),
        "sentence": chain.sentence,
        "step": words("area_command.step"),
        "sectors": list(chain.sectors),
        "none": words("paper.no_link"),
        "colon": words("paper.colon"),
        "semicolon": words("care_chain.separator"),
        "rows": [
            {
                "name": f"{number}. {row.name}",
                "broken": words("care_chain.first") if row.is_broken else "",
                "cells": [
                    {"state": cell.state, "word": state_words(view.reader, cell.state)}
                    if cell
                    else None
                    for cell in row.cells
                ],
            }
            for number, row in enumerate(chain.rows, start=1)
        ],
        "meanings": [
            [state_words(view.reader, state), words(f"link_meaning.{state}")]
            for state in STATES
            if state in shown
        ],
        "unknown": list(chain.unknown),
    }


def source_part(view: View, indicators: Iterable[Indicator]) -> list[Part]:
    """The sources that some indicators are computed from: name, producer, dates, licence."""
    words, known = view.words, data.sources(view.principal, view.release)
    rows = known.set_index("source_id").to_dict("index")
    invented = invented_sources(view)
    used = [name for one in indicators for name in view.catalogue.sources_of(one) if name in rows]
    grounds = [
        name
        for name, entry in view.catalogue.sources.items()
        if entry.is_territory and name in rows
    ]
    return [
        {
            "name": source_name(words, view.catalogue, name),
            "credit": str(rows[name]["attribution"]),
            "told": words(
                "paper.source",
                vintage=rows[name]["vintage"],
                licence=licence_name(words, rows[name]["licence"]),
                day=words.day(str(rows[name]["retrieved_on"])),
            ),
            "invented": words("data.invented") if name in invented else "",
        }
        for name in dict.fromkeys([*used, *grounds])
    ]


def area_name(view: View, key: AreaKey) -> str:
    """The name of an area; its code where the release does not have it."""
    frame = data.areas(view.principal, view.release, key.level).set_index("area_id")
    return str(frame.at[key.area_id, "name"]) if key.area_id in frame.index else key.area_id


def is_known(number: Any) -> bool:
    """Whether there is a number."""
    return bool(pd.notna(number))
