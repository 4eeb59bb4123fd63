"""Sight: what an address shows to who asks, with or without a server."""

from __future__ import annotations

from dashboard import data
from dashboard.pages import View
from dashboard.selection import parsed, pinned
from dashboard.wording import Words
from geodata.catalogue.loader import catalogue
from geodata.model import Principal
from geodata.settings import Settings


def view_at(settings: Settings, principal: Principal, path: str, search: str) -> View:
    """What the page of an address (path, query) draws from.

    Raises
    ------
    data.Unready
        Without a release to show.
    data.Forbidden
        For who may not read it.
    """
    wanted = pinned(search)
    kept = data.release_named(settings, wanted) if wanted else None
    release = kept or data.open_release(settings)
    offer = data.offer(principal, release)
    if not offer.indicators:
        raise data.Unready("empty")
    selection, remarks = parsed(path, search, offer, kept.release_id if kept else "")
    return View(
        principal=principal,
        settings=settings,
        release=release,
        catalogue=catalogue(settings.territory, settings.descriptions),
        offer=offer,
        selection=selection,
        remarks=remarks,
        words=Words(selection.language),
    )
