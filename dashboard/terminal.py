"""What the commands that show what is published have in common: who asks, and no release."""

from __future__ import annotations

from dashboard.data import Unready
from dashboard.wording import Words
from geodata.model import Principal
from geodata.settings import Settings


def local_principal(chosen: Settings) -> Principal:
    """Whoever has the files on this machine may read them."""
    return Principal("local", "director", (chosen.territory,))


def unready_lines(words: Words, error: Unready) -> tuple[str, str]:
    """Why there is nothing to show, and what to do: a line each."""
    detail = words(f"unready.{error.state}", detail=error.detail)
    return (
        words(f"unready.{error.state}_title") + ".",
        f"{detail} {words(f'unready.{error.state}_mend')}",
    )
