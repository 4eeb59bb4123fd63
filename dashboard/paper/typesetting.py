"""Typesetting: a document in JSON and a template become a tagged PDF, or pictures of its pages.

No network, no font of the machine: typst sets with the faces that it carries, so that the same
release gives the same pages everywhere. A text is handed over as data, never as markup.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal

import typst

TEMPLATES = Path(__file__).parent / "templates"
#: Of a picture: pixels per inch. A drawing of 1200 units is 1200 points wide.
SHARP = 144.0
_STANDARD: Literal["ua-1"] = "ua-1"


def pdf(template: str, document: Mapping[str, Any], made_at: str) -> bytes:
    """A document as a tagged PDF (PDF/UA-1), dated ``made_at`` (ISO 8601), and no other moment.

    Raises
    ------
    RuntimeError
        When the template has no place for the document, or a page would not be accessible.
    """
    made = typst.compile(
        str(TEMPLATES / f"{template}.typ"),
        root=str(TEMPLATES),
        format="pdf",
        font_paths=_fonts(),
        sys_inputs={"document": json.dumps(document, ensure_ascii=False)},
        pdf_standards=_STANDARD,
        timestamp=datetime.fromisoformat(made_at.replace("Z", "+00:00")),
    )
    return _whole(made)


def page_count(template: str, document: Mapping[str, Any]) -> int:
    """How many pages a document has; its template says so under ``<pages>``."""
    compiler = typst.Compiler(
        str(TEMPLATES / f"{template}.typ"),
        root=str(TEMPLATES),
        font_paths=_fonts(),
        sys_inputs={"document": json.dumps(document, ensure_ascii=False)},
    )
    return int(json.loads(compiler.query("<pages>", field="value", one=True)))


def pages(template: str, document: Mapping[str, Any], sharp: float = SHARP) -> list[bytes]:
    """The same document as pictures (PNG), a page each."""
    made = typst.compile(
        str(TEMPLATES / f"{template}.typ"),
        root=str(TEMPLATES),
        format="png",
        ppi=sharp,
        font_paths=_fonts(),
        sys_inputs={"document": json.dumps(document, ensure_ascii=False)},
    )
    return made if isinstance(made, list) else [_whole(made)]


def picture(svg: str, sharp: float = SHARP) -> bytes:
    """A drawing (SVG) as a picture (PNG)."""
    return pages("drawing", {"svg": svg}, sharp)[0]


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True)


def _whole(made: object) -> bytes:
    if not isinstance(made, bytes):
        raise RuntimeError("the typesetter gave no file")
    return made
