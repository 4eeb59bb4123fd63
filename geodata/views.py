"""Views that people save: an address under a short code, pinned to the release it was seen on.

Questions about saved views are in :mod:`geodata.queries.views`.
"""

from __future__ import annotations

import secrets

from geodata.jobs import JobError
from geodata.state import Engine, now, writing
from geodata.state_schema import saved_view

#: Letters and digits that nobody takes for one another, read aloud or on paper.
ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
#: 31 to the power of 10: 8e14 codes, of which a house has a few hundred.
CODE_LENGTH = 10
#: Longest title of a view, and longest query of an address.
TITLE_LENGTH = 120
QUERY_LENGTH = 4000


def save_view(
    engine: Engine,
    territory_id: str,
    *,
    language: str,
    page: str,
    query: str,
    title: str,
    release_id: str,
    saved_by: str,
) -> str:
    """Put down a view; return its code.

    Raises
    ------
    JobError
        When its title is empty or too long, or its address too long.
    """
    named = " ".join("".join(c if c.isprintable() else " " for c in title).split())
    if not 1 <= len(named) <= TITLE_LENGTH:
        raise JobError(
            f"Donner un titre à la vue, en {TITLE_LENGTH} caractères au plus.",
            f"Give the view a title, in {TITLE_LENGTH} characters at most.",
        )
    if len(query) > QUERY_LENGTH:
        raise JobError(
            "Cette vue a trop de choix pour être enregistrée. En retirer.",
            "This view has too many choices to be saved. Take some away.",
        )
    code = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
    with writing(engine) as connection:
        connection.execute(
            saved_view.insert().values(
                code=code,
                territory_id=territory_id,
                language=language,
                page=page,
                query=query,
                title=named,
                release_id=release_id,
                saved_by=saved_by,
                saved_at=now(),
            )
        )
    return code


def withdraw_view(engine: Engine, territory_id: str, code: str, withdrawn_by: str) -> bool:
    """Let a view be found no more; return whether it was there until now."""
    with writing(engine) as connection:
        result = connection.execute(
            saved_view.update()
            .where(
                saved_view.c.code == code,
                saved_view.c.territory_id == territory_id,
                saved_view.c.withdrawn_at.is_(None),
            )
            .values(withdrawn_by=withdrawn_by, withdrawn_at=now())
        )
    return bool(result.rowcount)
