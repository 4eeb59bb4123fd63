"""How moments, durations, names and numbers of publications, and buttons are said and drawn."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dash import html
from dash.development.base_component import Component

from dashboard.wording import Words
from geodata.catalogue.nouns import Catalogue

_NUMBER_DIGITS = 6


def moment(words: Words, text: str) -> str:
    """A moment in universal time, written out: "22 novembre 2026 à 02:18 (UTC)"."""
    at = datetime.fromisoformat(text)
    return words("data.moment", day=words.day(text), time=f"{at:%H:%M}")


def elapsed(words: Words, seconds: float) -> str:
    """A duration: seconds, then minutes and seconds."""
    whole = max(round(seconds), 0)
    if whole < 60:
        return words("data.seconds", seconds=whole)
    return words("data.minutes", minutes=whole // 60, seconds=whole % 60)


def number_of(words: Words, release_id: str) -> str:
    """The number of a publication as people say it: "n° 2"."""
    head = release_id[:_NUMBER_DIGITS]
    if not (head.isascii() and head.isdigit()):
        return release_id
    return words("desk.job_number", number=words.number(int(head)))


def source_name(words: Words, catalogue: Catalogue, source_id: str) -> str:
    """The name of a source; its id when the catalogue does not know it."""
    entry = catalogue.sources.get(source_id)
    return words.of(entry.name) if entry else source_id


def licence_name(words: Words, licence: str) -> str:
    """The name of a licence; terms that are no name ("reuse with attribution") in the language."""
    return words.known(f"licence.{licence.replace(' ', '_')}", licence)


def level_name(words: Words, catalogue: Catalogue, level: str) -> str:
    """The name of a level; its id when the territory does not have it."""
    known = {one.id: one for one in catalogue.territory.levels}
    return words.of(known[level].name) if level in known else level


def definitions(entries: Mapping[str, Any]) -> Component:
    """Names and what they are, side by side."""
    parts = []
    for name, said in entries.items():
        parts += [html.Dt(name), html.Dd(said)]
    return html.Dl(parts, className="facts")


def button(
    text: str, kind: str, *, is_second: bool = False, confirm: str = "", **told: str
) -> Component:
    """A button that asks the worker for something (`assets/officer.js` sends it).

    It waits for a name before it can be pressed. ``confirm`` is asked first; ``told`` says of
    which release or job.
    """
    said = {"data-ask": kind} | {f"data-{name}": value for name, value in told.items()}
    if confirm:
        said["data-confirm"] = confirm
    return html.Button(
        text,
        className="button second" if is_second else "button",
        disabled=True,
        type="button",
        **said,
    )


def folded(
    summary: str, parts: list[Any], *, is_open: bool = False, is_printed: bool = True
) -> Component:
    """Parts behind a line that opens them; printed open, or else only where they are open."""
    return html.Details(
        [html.Summary(summary), *parts],
        className=None if is_printed else "as-opened",
        **({"open": True} if is_open else {}),
    )
