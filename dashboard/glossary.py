"""The words of the house, each explained in a sentence or two."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

from geodata.catalogue.nouns import Text


@dataclass(frozen=True, slots=True)
class Term:
    """A word that the pages use, and what it means there."""

    id: str
    name: Text
    text: Text


@cache
def glossary() -> tuple[Term, ...]:
    """Every term, in the order in which they build on one another."""
    content = (resources.files("dashboard.texts") / "glossary.toml").read_text("utf-8")
    return tuple(
        Term(key, Text(**entry["name"]), Text(**entry["text"]))
        for key, entry in tomllib.loads(content).items()
    )
