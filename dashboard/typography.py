"""Typography: the spaces that each language puts before its marks. Pure: texts in, texts out.

On paper each text is set; on the screen the answers of the pages are, as they leave, so that what
programs read (files, the interface for others) has the spaces of a keyboard.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

#: A thin and a full space at which no line ends.
THIN, FULL = "\u202f", "\u00a0"
#: Parts of a document that no reader reads: drawings and addresses.
_KEPT = frozenset({"svg", "link"})
#: Round thousands as texts write them ("pour 1 000 habitants"); drawings have no such number.
_THOUSANDS = (re.compile("(?<!\\d )\\b(10{0,2}) 000\\b(?! \\d)"), f"\\1{THIN}000")
_RULES = {
    "fr": (
        _THOUSANDS,
        (re.compile("[ \u00a0]([;!?%‰])"), f"{THIN}\\1"),
        (re.compile(" (:)"), f"{FULL}\\1"),
        (re.compile("« "), f"«{FULL}"),
        (re.compile("± (?=\\d)"), f"±{THIN}"),
        (re.compile(" »"), f"{FULL}»"),
        (re.compile("(?<=\\d) (min|km|m|[A-Z]{2,}|places)\\b"), f"{FULL}\\1"),
    ),
    "en": ((re.compile("(?<=\\d) (min|km|m|places)\\b"), f"{FULL}\\1"),),
}
#: The same in JSON and HTML, whose own marks stand after no space: what has no meaning there but as
#: a text.
_IN_JSON = (
    (re.compile(" ([;?!‰]|\\\\u2030|%(?![A-Za-z{]))"), f"{THIN}\\1"),
    (re.compile(" (:|»|\\\\u00bb)"), f"{FULL}\\1"),
    (re.compile("(«|\\\\u00ab) "), f"\\1{FULL}"),
    (re.compile("(±|\\\\u00b1) (?=\\d)"), f"\\1{THIN}"),
    _THOUSANDS,
)


def typeset_json(text: str) -> str:
    """A document in JSON (or HTML) with the spaces of French in its texts."""
    for pattern, instead in _IN_JSON:
        text = pattern.sub(instead, text)
    return text


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
