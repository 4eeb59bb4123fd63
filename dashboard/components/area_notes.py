"""Notes on an area: what people wrote of it, beside the figures and never among them."""

from __future__ import annotations

from typing import Any

from dash import html
from dash.development.base_component import Component

from dashboard import data, planning
from dashboard.components.native_input import NativeInput
from dashboard.pages import View
from geodata.jobs import NAME_LENGTH
from geodata.notes import NOTE_LENGTH
from geodata.state import StateError


def area_notes(view: View) -> Component:
    """The notes of the selected area, and the form of who may write one."""
    words = view.words
    form = [
        html.P(words("note.reminder"), className="note"),
        html.Div(
            [
                html.Label(words("note.text"), htmlFor="note-text"),
                html.Textarea(id="note-text", maxLength=NOTE_LENGTH, rows=4),
            ],
            className="native-input note-field",
        ),
        NativeInput(
            "note-name",
            label=words("note.name"),
            required=True,
            maxLength=NAME_LENGTH,
            autoComplete="name",
            remember="vigie-name",
        ),
        html.Button(
            words("note.add"),
            type="button",
            className="button",
            **{"data-plan": "note", "data-name": "note-name", "data-text": "note-text"},
        ),
    ]
    may_write = planning.may_write(view.principal)
    return html.Section(
        [
            html.Div(note_list(view), id="notes-list"),
            html.Div(
                form if may_write else [],
                id="notes-form",
                className="screen-only",
                hidden=is_formless(view),
            ),
            html.P(id="note-answer", role="status", className="answer"),
        ],
        className="area-notes",
        **{"aria-label": words("note.label")},
    )


def is_formless(view: View) -> bool:
    """Whether there is nothing to write a note on."""
    return view.selection.area is None or not planning.may_write(view.principal)


def note_list(view: View) -> list[Component]:
    """The notes of the selected area, or that there are none; nothing where none is selected.

    Of a state that cannot be read, why it cannot.
    """
    words, key = view.words, view.selection.area
    if key is None:
        return []
    areas = data.areas(view.principal, view.release, key.level).set_index("area_id")["name"]
    title = html.H2(words("note.title", area=str(areas.get(key.area_id, key.area_id))))
    try:
        frame = planning.notes_on(view.principal, view.settings, key)
    except StateError as error:
        return [title, html.P(words.of(error.message), className="remark")]
    if frame.empty:
        return [title, html.P(words("note.none"), className="quiet")]
    return [
        title,
        html.Ul([_note(view, row) for row in frame.to_dict("records")], className="note-rows"),
    ]


def _note(view: View, row: dict[Any, Any]) -> Component:
    words = view.words
    said = words("note.by", name=row["written_by"], day=words.day(row["written_at"].isoformat()))
    parts: list[Component] = [
        html.P(row["text"], className="note-words"),
        html.P(said, className="quiet"),
    ]
    if planning.may_write(view.principal):
        parts.append(
            html.Button(
                words("note.withdraw"),
                type="button",
                className="button second",
                **{
                    "data-plan": "withdraw_note",
                    "data-item": str(row["note_id"]),
                    "data-name": "note-name",
                    "aria-label": words("note.withdraw_of", name=row["written_by"]),
                },
            )
        )
    return html.Li(parts)
