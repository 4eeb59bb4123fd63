"""Typography: the spaces that each language puts before its marks. Pure: texts in, texts out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

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
        (re.compile("(?<=\\d) (min|km|m|[A-Z]{2,}|places)\\b"), f"{FULL}\\1"),
    ),
    "en": ((re.compile("(?<=\\d) (min|km|m|places)\\b"), f"{FULL}\\1"),),
}


def typeset(text: str, language: str) -> str:
    """A text with the spaces of its language: French has thin ones before ; ! ? and %."""
    for pattern, instead in _RULES[language]:
        text = pattern.sub(instead, text)
    return text


def typeset_document(document: Mapping[str, Any], language: str) -> dict[str, Any]:
    """A document (mappings, lists, texts) with every text typeset, drawings and addresses kept."""
    return {
        name: part if name in _KEPT else _typeset(part, language) for name, part in document.items()
    }


def _typeset(part: Any, language: str) -> Any:
    if isinstance(part, str):
        return typeset(part, language)
    if isinstance(part, Mapping):
        return typeset_document(part, language)
    if isinstance(part, Sequence):
        return [_typeset(inside, language) for inside in part]
    return part
