"""What a page says with the spaces of a keyboard, to be compared with texts and files."""

from __future__ import annotations

import re


def typed(text: str) -> str:
    """The text with plain spaces at the marks of French, and in its round thousands."""
    text = re.sub("\\b(10{0,2})\u202f000\\b", r"\1 000", text)
    return re.sub("(«)\u00a0", r"\1 ", re.sub("\u00a0([:»])|\u202f([;?!%])", r" \1\2", text))
