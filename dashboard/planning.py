"""What a planner writes: notes on areas and saved views. Into the state, never into a release.

A request comes from a browser, so nothing in it is believed: its form and who asks are checked
here, whatever the page showed.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from dashboard import data, journal
from dashboard.selection import Selection
from geodata import jobs, notes, views
from geodata.catalogue.nouns import Text
from geodata.jobs import JobError
from geodata.model import AreaKey, Principal
from geodata.queries import notes as note_queries
from geodata.queries import views as view_queries
from geodata.queries.written import written
from geodata.release import Release
from geodata.settings import Settings

#: What a page may ask.
KINDS = ("note", "withdraw_note", "save", "withdraw_view")
#: Who may write; others may only read.
WRITERS = ("director", "planner")
_TEXT, _NAME, _ID = 4000, 400, 18


class Malformed(ValueError):  # noqa: N818 (a state of the request, not of ours)
    """A request that no page of ours sends."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked: ``text`` is that of a note or a view's title, ``item`` what to withdraw."""

    kind: str
    by: str
    text: str = ""
    item: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What is told to the person, and the code of the view that was saved, if any."""

    said: Text
    code: str = ""


def wish_of(said: object) -> Wish:
    """The wish that a browser sent.

    Raises
    ------
    Malformed
        When it is none: another form, another kind, a text that is too long.
    """
    if not isinstance(said, dict):
        raise Malformed("not an object")
    kind, by, text, item = (said.get(name) or "" for name in ("kind", "by", "text", "item"))
    lengths = {kind: _NAME, by: _NAME, text: _TEXT, item: _NAME}
    if not all(isinstance(part, str) and len(part) <= most for part, most in lengths.items()):
        raise Malformed("not texts")
    if kind not in KINDS:
        raise Malformed("unknown kind")
    if kind == "withdraw_note" and not (item.isascii() and item.isdigit() and len(item) <= _ID):
        raise Malformed("no note")
    return Wish(kind, by, text, item)


def may_write(principal: Principal) -> bool:
    """Whether this principal may write notes and save views."""
    return principal.role in WRITERS


def write(
    principal: Principal, settings: Settings, release: Release, selection: Selection, wish: Wish
) -> Answer:
    """Do what is asked, of what the page shows.

    Raises
    ------
    Forbidden
        When the principal may not write for this territory.
    JobError
        When nobody is named, or what is written or named cannot be.
    """
    data.allow(principal, settings)
    if not may_write(principal):
        raise data.Forbidden(settings.territory)
    name, engine = jobs.person(wish.by), journal.state_of(settings)
    if wish.kind == "save":
        code = views.save_view(
            engine,
            settings.territory,
            language=selection.language,
            page=selection.page,
            query=selection.changed(release="").search(),
            title=wish.text,
            release_id=release.release_id,
            saved_by=name,
        )
        return Answer(Text("Vue enregistrée. Son lien :", "The view is saved. Its link:"), code)
    if wish.kind == "note":
        if selection.area is None:
            raise JobError("Choisir d’abord un territoire.", "Choose an area first.")
        notes.write_note(engine, settings.territory, selection.area, wish.text, name)
        return Answer(Text("Note enregistrée.", "The note is kept."))
    return _withdrawn(settings, wish, name)


def notes_on(principal: Principal, settings: Settings, key: AreaKey) -> pd.DataFrame:
    """The notes on an area, the latest first; see `geodata.queries.notes.notes`."""
    data.allow(principal, settings)
    return note_queries.notes(journal.state_of(settings), settings.territory, key)


def saved_views(principal: Principal, settings: Settings) -> pd.DataFrame:
    """The latest saved views; see `geodata.queries.views.views`."""
    data.allow(principal, settings)
    return view_queries.views(journal.state_of(settings), settings.territory)


def stamp_of_written(principal: Principal, settings: Settings) -> str:
    """What changes whenever the notes or the saved views that a page shows do.

    A view also says whether its release is still kept.
    """
    kept = [found.release_id for found in journal.kept(principal, settings)]
    return repr((written(journal.state_of(settings), settings.territory), kept))


def address_of(principal: Principal, settings: Settings, code: str) -> tuple[str, str, str] | None:
    """The language, the page and the query of a saved view, its release included; None if none."""
    data.allow(principal, settings)
    if len(code) != views.CODE_LENGTH or not set(code) <= set(views.ALPHABET):
        return None
    found = view_queries.view(journal.state_of(settings), settings.territory, code)
    if found is None:
        return None
    query = "&".join(filter(None, (found["query"], f"release={found['release_id']}")))
    return found["language"], found["page"], query


def _withdrawn(settings: Settings, wish: Wish, name: str) -> Answer:
    engine = journal.state_of(settings)
    if wish.kind == "withdraw_note":
        done = notes.withdraw_note(engine, settings.territory, int(wish.item), name)
    else:
        done = views.withdraw_view(engine, settings.territory, wish.item, name)
    if not done:
        raise JobError(
            "C’est déjà retiré, ou n’a jamais existé.", "It is withdrawn already, or never was."
        )
    return Answer(Text("Retiré.", "Withdrawn."))
