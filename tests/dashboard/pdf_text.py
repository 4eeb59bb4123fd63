"""What a PDF says, as text."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest


def text_of(content: bytes) -> str:
    """The text layer of a PDF, its spaces made plain."""
    if shutil.which("pdftotext") is None:
        pytest.skip("no pdftotext here (poppler-utils): the text of the PDF was not read")
    made = subprocess.run(
        ["pdftotext", "-layout", "-", "-"], input=content, capture_output=True, check=True
    )
    return bare(made.stdout.decode())


def bare(text: str) -> str:
    return re.sub(r"[\s\u00a0\u202f]+", " ", text)
