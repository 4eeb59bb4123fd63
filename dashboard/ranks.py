"""The route of the ranks of a priority order, as the map reads values."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

import numpy as np
from flask import Flask, Response, abort, request

from dashboard import data
from dashboard.addresses import PATHS
from dashboard.ordering import ordering
from dashboard.pages import View
from dashboard.selection import Selection
from geodata.model import OUTSIDE_CODE, STATUS_CODES, Status
from geodata.release import Release

_PATH = "/ranks.bin"
_LASTING = "private, max-age=31536000, immutable"


def ranks_url(release: Release, selection: Selection) -> str:
    """Address of the ranks of the selected order: for ever the same, as it names its release."""
    pinned = selection.changed(area=None, only=(), release=release.release_id)
    return f"{_PATH}?{pinned.search()}"


def routes(server: Flask, view_of: Callable[[str, str], View]) -> None:
    """Add the ranks to the server; ``view_of`` reads an address as the pages do."""

    @server.get(_PATH)
    def ranks() -> Response:
        try:
            query = request.query_string.decode("utf-8", "replace")
            view = view_of(PATHS["fr", "priorities"], query)
        except data.Unready:
            abort(HTTPStatus.NOT_FOUND)
        made = Response(rank_bytes(view), mimetype="application/octet-stream")
        made.headers["Cache-Control"] = _LASTING if view.selection.release else "no-store"
        return made


def rank_bytes(view: View) -> bytes:
    """The ranks of the areas of a level in fid order, laid out as `data.value_bytes` does."""
    areas = data.areas(view.principal, view.release, view.selection.level)
    made = ordering(view.principal, view.release, view.selection)
    known = made.areas.set_index("area_id")["rank"] if made is not None else None
    ranks = np.full(len(areas), np.nan)
    if known is not None:
        ranks = areas["area_id"].map(known).to_numpy(dtype="float64")
    codes = np.where(
        np.isnan(ranks), STATUS_CODES[Status.MISSING], STATUS_CODES[Status.ESTIMATED]
    ).astype("uint8")
    codes[(areas["role"] == "edge").to_numpy()] = OUTSIDE_CODE
    return ranks.astype("<f4").tobytes() + codes.tobytes() + bytes(len(areas))
