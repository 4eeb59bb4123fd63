"""The rows of a source that are held back, as a file to mend and take in again (`vigie mend`)."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import pandas as pd
from flask import Flask, Response, abort

from dashboard import journal
from dashboard.addresses import HELD_PATHS
from dashboard.exports.csv import BYTE_ORDER_MARK, file_text
from dashboard.pages import Desk
from geodata.state import StateError

#: Columns that say what is wrong with a row; those of its own file follow.
REASONS = ("held_line", "held_column", "held_reason", "held_mend", "held_sha256")


def routes(server: Flask, desk_of: Callable[[str], Desk]) -> None:
    """Add the files to the server; ``desk_of`` gives the desk of a language."""
    for language, path in HELD_PATHS.items():

        def held(source_id: str, language: str = language) -> Response:
            desk = desk_of(language)
            try:
                frame = journal.held_rows(desk.principal, desk.settings, source_id)
            except StateError as error:
                abort(HTTPStatus.SERVICE_UNAVAILABLE, desk.words.of(error.message))
            if frame.empty:
                abort(HTTPStatus.NOT_FOUND)
            content = held_file(frame, language)
            made = Response(content.encode("utf-8"), mimetype="text/csv")
            name = f"{desk.words('held.file_name')}_{_plain(source_id)}.csv"
            made.headers["Content-Disposition"] = f'attachment; filename="{name}"'
            made.headers["Cache-Control"] = "no-store"
            return made

        server.add_url_rule(f"{path}/<source_id>.csv", f"held_csv_{language}", held)


def held_file(held: pd.DataFrame, language: str) -> str:
    """The text of the file: the reasons, then the cells as they were read, a line a row.

    Commas in both languages, so that ``vigie mend`` reads it back. What a spreadsheet would run
    as a formula is preceded by an apostrophe, which the reader takes off again.
    """
    cells: list[dict[str, Any]] = [json.loads(text) for text in held["cells"]]
    columns = list(dict.fromkeys(name for row in cells for name in row))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([*REASONS, *(file_text(name) for name in columns)])
    for told, row in zip(held.to_dict("records"), cells, strict=True):
        why = (
            str(told["line"]),
            told["column"],
            told[f"message_{language}"],
            told[f"mend_{language}"],
            told["sha256"],
        )
        texts = [*why, *(row.get(name, "") for name in columns)]
        writer.writerow([file_text(str(text or "")) for text in texts])
    return BYTE_ORDER_MARK + out.getvalue()


def _plain(source_id: str) -> str:
    """A source's id as a part of a file name: nothing that ends the quotes around it."""
    return "".join(c if (c.isalnum() and c.isascii()) or c in "_-" else "_" for c in source_id)
