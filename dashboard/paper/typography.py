"""Typography: the spaces that each language puts before its marks. Pure: texts in, texts out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

#: A thin and a full space at which no line ends.
THIN, FULL = "\u202f", "\u00a0"
#: Parts of a document that no reader reads: drawings and addresses.
_KEPT = frozenset({"svg", "link"})
_RULES = {
    "fr": (
        (re.compile("[ \u00a0]([;!?%‰])"), f"{THIN}\\1"),
        (re.compile(" (:)"), f"{FULL}\\1"),
        (re.compile("« "), f"«{FULL}"),
        (re.compile(" »"), f"{FULL}»"),
        (re.compile("(?<=\\d) (min|km|m|EPCI|places)\\b"), f"{FULL}\\1"),
    ),
    "en": ((re.compile("(?<=\\d) (min|km|m|places)\\b"), f"{FULL}\\1"),),
}


def typeset(text: str, language: str) -> str:
    """A text with the spaces of its language: French has thin ones before ; ! ? and %."""
    for pattern, instead in _RULES[language]:
        text = pattern.sub(instead, text)
    return text


def typeset_whole(part: object, language: str) -> object:
    """A document (mappings, lists, texts) with every text typeset, drawings and addresses kept."""
    if isinstance(part, str):
        return typeset(part, language)
    if isinstance(part, Mapping):
        return {
            name: inside if name in _KEPT else typeset_whole(inside, language)
            for name, inside in part.items()
        }
    if isinstance(part, Sequence):
        return [typeset_whole(inside, language) for inside in part]
    return part
