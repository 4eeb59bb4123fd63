"""The lists of codes that lie beside the readers: small tables of text, in our own layout."""

from __future__ import annotations

import csv
import io
from functools import cache
from importlib import resources


@cache
def code_list(file: str) -> tuple[dict[str, str], ...]:
    """The rows of a list (UTF-8 CSV, with a header), by column."""
    text = (resources.files("etl.sources") / file).read_text("utf-8")
    return tuple(csv.DictReader(io.StringIO(text)))
