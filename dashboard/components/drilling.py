"""From an area down to the areas inside it, and up to those that it lies in: links of the panel."""

from __future__ import annotations

from collections.abc import Sequence

from dash import dcc, html
from dash.development.base_component import Component

from dashboard import data
from dashboard.components.choropleth import within
from dashboard.components.reading import Reading
from dashboard.pages import View
from geodata.model import AreaKey


def drilling(view: View, parents: Sequence[Reading]) -> list[Component]:
    """Where to go from the selected area; ``parents`` are the areas it lies in."""
    words, chosen, territory = view.words, view.selection, view.catalogue.territory
    area = chosen.area
    if area is None:
        return []
    offered = view.offer.indicators.get(chosen.indicator, {})
    order = [level.id for level in territory.levels]
    finer = [level for level in order[: order.index(area.level)] if level in offered]
    up = [
        dcc.Link(_named(view, parent), href=_up(view, parent))
        for parent in parents
        if parent.key.level in offered
        and parent.key.area_id in view.offer.areas.get(parent.key.level, ())
    ]
    lines: list[Component] = []
    if finer and _has_inside(view, area):
        named = words.of(territory.level(finer[-1]).name)
        only = (*_others(view), f"within:{area.level}/{area.area_id}")
        inside = chosen.changed(level=finer[-1], area=None, only=only)
        lines.append(html.P(dcc.Link(words("map.down", level=_lower(named)), href=inside.url())))
    if up:
        separated = [part for link in up for part in (link, ", ")][:-1]
        lines.append(html.P([words("map.up"), *separated]))
    if not lines:
        return []
    return [html.Nav(lines, className="drilling screen-only", **{"aria-label": words("map.zoom")})]


def framed(view: View) -> list[Component]:
    """What the map is framed on, and the way back; nothing where it shows the whole."""
    kept = within(view)
    if kept is None or kept.level == view.selection.level:
        return []
    words, chosen = view.words, view.selection
    areas = data.areas(view.principal, view.release, kept.level).set_index("area_id")
    name = str(areas.at[kept.area_id, "name"])
    back = dcc.Link(
        words("map.within_leave"),
        href=chosen.changed(only=_others(view)).url(),
        className="screen-only",
    )
    return [html.P([words("map.within", name=name), " ", back], className="framed")]


def _named(view: View, parent: Reading) -> str:
    """The name of an area with its level: a town, its canton and its district share one."""
    level = view.catalogue.territory.level(parent.key.level)
    return view.words("map.up_named", name=parent.name, level=view.words.of(level.one))


def _up(view: View, parent: Reading) -> str:
    there = view.selection.changed(level=parent.key.level, area=parent.key, only=_others(view))
    return there.url()


def _others(view: View) -> tuple[str, ...]:
    """The filters of the address but the one that keeps to an area."""
    return tuple(token for token in view.selection.only if not token.startswith("within:"))


def _has_inside(view: View, area: AreaKey) -> bool:
    """Whether an area is of the territory: of others nothing finer is known."""
    areas = data.areas(view.principal, view.release, area.level).set_index("area_id")
    return str(areas.at[area.area_id, "role"]) == "territory"


def _lower(name: str) -> str:
    return name[:1].lower() + name[1:]
