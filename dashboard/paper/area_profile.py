"""The profile of an area on two pages: findings, figures, services, care chain, trends."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd

from dashboard import data
from dashboard.components.directory import directory_words
from dashboard.components.invented import invented_told, is_finding_invented
from dashboard.components.service_table import judged_services, service_heads
from dashboard.components.spine import scale_of
from dashboard.figures.paper_map import Ground, map_svg
from dashboard.findings import findings
from dashboard.flags import MARKS, flags_of
from dashboard.pages import View
from dashboard.paper.parts import Part, area_name, around, chain_part, source_part
from dashboard.paper.typesetting import page_count, pdf
from dashboard.profile import Line, lines
from dashboard.profile_words import sure_trends, tiles
from dashboard.standing import standings
from dashboard.typography import typeset_document
from dashboard.worth import interval_words
from geodata.model import AreaKey

TEMPLATE = "area_profile"
#: How many pages a profile has, and how far its type and its distances may shrink to hold there.
PAGES = 2
_SCALES = (1.0, 0.92, 0.84, 0.76)
_GROUND, _HERE = "#dfe5ec", "#1f4e8c"


def area_profile(view: View, address: str) -> bytes:
    """The profile of the selected area, or of the whole, as a tagged PDF of two pages."""
    document = area_document(view, address)
    made = view.release.published_at or view.release.made_at
    told = typeset_document(document, view.words.language)
    for scale in _SCALES:
        told["scale"] = scale
        if scale == _SCALES[-1] or page_count(TEMPLATE, told) <= PAGES:
            break
    return pdf(TEMPLATE, told, made)


def area_profile_name(view: View) -> str:
    """A file name that says territory, level, area and release."""
    key = profile_key(view)
    parts = (view.release.territory_id, key.level, key.area_id, view.release.release_id)
    return "_".join(("vigie", *parts)) + ".pdf"


def profile_key(view: View) -> AreaKey:
    """The area that the profile is of: the selected one, else the whole."""
    return view.selection.area or view.catalogue.territory.area


def area_document(view: View, address: str) -> Part:
    """Everything that the profile says, in its order, as texts and drawings."""
    words, key = view.words, profile_key(view)
    known, name = lines(view, key), area_name(view, key)
    level = words.of(view.catalogue.territory.level(key.level).one)
    parents = data.parents(view.principal, view.release, key)["name"].drop_duplicates()
    within = [str(one) for one in parents if str(one) != name]
    indicators = [line.indicator for line in known]
    invented = invented_told(view, "profile")
    return {
        **around(
            view,
            name,
            f"{words('paper.area_eyebrow')} · {level} {key.area_id}",
            " · ".join(within) or words.of(view.catalogue.territory.name),
            address,
        ),
        "invented": f"{words('data.invented')} {invented}" if invented else "",
        "findings": _findings(view, key, known),
        "where": {"svg": _where(view, key), "alt": words("paper.where", name=name)},
        "figures": [
            {
                "label": one.label,
                "value": one.value,
                "where": one.where,
                "said": list(one.said),
                "is_silent": False,
            }
            for one in tiles(view, known)
        ],
        "services": _services(view, key),
        "order": _order(view, key),
        "chain": chain_part(view, key, name),
        "trends": _trends(view, key),
        "spine": _spine(view, known),
        "sources": source_part(view, indicators),
        "titles": {
            name: words(f"profile.{name}") for name in ("findings", "services", "figures", "order")
        },
    }


def _findings(view: View, key: AreaKey, known: Sequence[Line]) -> list[Part]:
    found = findings(view, key, known)
    if not found:
        return [{"text": view.words("profile.no_findings"), "caveat": "", "invented": ""}]
    mark = view.words("data.invented")
    return [
        {
            "text": one.text,
            "caveat": one.caveat,
            "invented": mark if is_finding_invented(view, one) else "",
        }
        for one in found
    ]


def _where(view: View, key: AreaKey) -> str:
    """A small map of the level, without names: where the area is."""
    contours = data.paper_contours(view.principal, view.release, key.level)
    own = data.areas(view.principal, view.release, key.level).set_index("area_id")["role"]
    roles = contours["area_id"].map(own)
    is_wide = key == view.catalogue.territory.area
    shown = (
        contours[contours["area_id"] == key.area_id] if is_wide else contours[roles == "territory"]
    )
    shown = contours if shown.empty else shown
    is_here = shown["area_id"] == key.area_id
    areas = shown.assign(
        name="",
        weight=math.nan,
        fill=is_here.map({True: _HERE, False: _GROUND}),
        over=pd.Series([()] * len(shown), index=shown.index, dtype=object),
        is_chosen=False,
    )
    return map_svg(Ground(areas, 240.0, 200.0, names=0), area_name(view, key), with_bar=False)


def _services(view: View, key: AreaKey) -> Part:
    words, (known, silent) = view.words, judged_services(view, key)
    return {
        "note": words("profile.services_note"),
        "heads": list(service_heads(view)),
        "rows": [
            {
                "name": one.name,
                "unit": one.unit,
                "cells": [one.near, *one.places],
                "gap": one.gap,
                "interval": one.interval,
                "verdict": one.verdict,
                "sure": one.sure,
            }
            for one in known
        ],
        "silent": silent if known or silent else [words("profile.no_services")],
        "listed": directory_words(view, key),
    }


def _order(view: View, key: AreaKey) -> list[list[str]]:
    """Each order of priority: its name, the rank of the area and how surely it is held."""
    return [
        [one.name, " ".join([one.rank or one.why, *one.held])]
        for one in standings(view.reader, key)
    ]


def _trends(view: View, key: AreaKey) -> Part:
    words, (sure, unsure) = view.words, sure_trends(view, key)
    return {
        "title": words("profile.moves"),
        "rows": [[name, said] for name, said in sure] or [["", words("profile.no_trends")]],
        "note": words("profile.unsure_trends", count=unsure) if unsure else "",
    }


def _spine(view: View, known: Sequence[Line]) -> Part:
    """Every figure on its level's scale, by theme."""
    words, territory = view.words, view.catalogue.territory
    themes = []
    for theme in view.catalogue.themes.values():
        ours = [_row(view, line) for line in known if line.indicator.theme == theme.id]
        if ours:
            themes.append({"name": words.of(theme.name), "rows": ours})
    return {
        "note": words("profile.spine_note"),
        "fragile": words("paper.fragile"),
        "empty": words("profile.no_figures"),
        "no_scale": words("profile.no_scale"),
        "heads": [
            words("profile.indicator"),
            words("profile.value"),
            words.of(territory.name),
            words.of(territory.country_name),
            words("profile.ends"),
        ],
        "themes": themes,
    }


def _row(view: View, line: Line) -> Part:
    words, decimals, scale = view.words, line.indicator.decimals, scale_of(view, line)
    row = {"low": line.low, "high": line.high, "interval": line.interval}
    is_fragile = any(MARKS[flag] == "fragile" for flag in flags_of(line.flags))
    others = [
        words("profile.none") if math.isnan(value) else words.number(value, decimals)
        for value in (line.whole, line.country)
    ]
    return {
        "name": words.of(line.indicator.name),
        "unit": f"{words.of(line.indicator.unit)}, {line.period}",
        "value": words.value(line.value, line.status, decimals) + ("*" if is_fragile else ""),
        "interval": interval_words(words, row, decimals),
        "others": others,
        "scale": None
        if scale is None
        else {
            "half": list(scale.half),
            "whole": None if math.isnan(scale.whole) else scale.whole,
            "here": scale.here,
            "tone": scale.tone,
            "alt": scale.said,
        },
    }
