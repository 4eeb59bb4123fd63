"""What every table of the catalogue's text is read with: words in both languages, known names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from geodata.catalogue.nouns import Text

Entry = Mapping[str, Any]


class CatalogueError(ValueError):
    """The catalogue's text contradicts itself; the message names the file and the entry."""


def text_of(entry: dict[str, Any], key: str) -> Text:
    """The words under a key, in every language of the interface; taken out of the entry.

    Raises
    ------
    ValueError
        For a language that is missing, or one too many.
    """
    words = dict(entry.pop(key))
    text = Text(fr=words.pop("fr"), en=words.pop("en"))
    if words or not text.fr or not text.en:
        raise ValueError(f"{key} needs words in fr and en, and nothing else")
    return text


def check_known(name: str, key: str, named: Iterable[str], known: Iterable[str]) -> None:
    """Raise CatalogueError when an entry names something that is not described."""
    unknown = sorted(set(named) - set(known))
    if unknown:
        raise CatalogueError(f"{name}.toml, [{key}] names {', '.join(unknown)}: not described")
