"""What people write of an area: plain words beside the figures, never figures themselves.

Questions about notes are in :mod:`geodata.queries.notes`.
"""

from __future__ import annotations

from geodata.jobs import JobError
from geodata.model import AreaKey
from geodata.state import Engine, now, writing
from geodata.state_schema import note

#: Longest note, in characters.
NOTE_LENGTH = 1000


def note_text(text: str) -> str:
    """A note as it is kept: its lines, without what cannot be printed, spaces around left out.

    Raises
    ------
    JobError
        When nothing is left, or more than :data:`NOTE_LENGTH` characters.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    made = "\n".join(
        "".join(c if c.isprintable() else " " for c in line).strip() for line in lines
    ).strip()
    if not 1 <= len(made) <= NOTE_LENGTH:
        raise JobError(
            f"Écrire la note, en {NOTE_LENGTH} caractères au plus.",
            f"Write the note, in {NOTE_LENGTH} characters at most.",
        )
    return made


def write_note(engine: Engine, territory_id: str, key: AreaKey, text: str, written_by: str) -> int:
    """Put down a note on an area; return its id.

    Raises
    ------
    JobError
        As :func:`note_text`.
    """
    with writing(engine) as connection:
        result = connection.execute(
            note.insert().values(
                territory_id=territory_id,
                level=key.level,
                area_id=key.area_id,
                text=note_text(text),
                written_by=written_by,
                written_at=now(),
            )
        )
        made = result.inserted_primary_key
    assert made is not None
    return int(made[0])


def withdraw_note(engine: Engine, territory_id: str, note_id: int, withdrawn_by: str) -> bool:
    """Let a note be shown no more; return whether it was shown until now."""
    with writing(engine) as connection:
        result = connection.execute(
            note.update()
            .where(
                note.c.note_id == note_id,
                note.c.territory_id == territory_id,
                note.c.withdrawn_at.is_(None),
            )
            .values(withdrawn_by=withdrawn_by, withdrawn_at=now())
        )
    return bool(result.rowcount)
