"""The care chains that an address selects: those of a level, or of what is within a larger area."""

from __future__ import annotations

from dashboard import data
from dashboard.chain_matrix import Matrix, matrix_of
from dashboard.pages import View
from geodata.model import AreaKey

#: The most areas that are drawn at once: above, the reader chooses a larger area.
MOST_ROWS = 3000


def selected_matrix(view: View) -> Matrix | None:
    """The matrix of the level, or None where its areas are too many to be drawn."""
    level, larger = view.selection.level, within(view)
    broken = data.broken_links(view.principal, view.release, level)
    if larger is None and len(broken) > MOST_ROWS:
        return None
    chains = data.chains(view.principal, view.release, level, larger)
    return matrix_of(broken, chains, view.selection.sector)


def within(view: View) -> AreaKey | None:
    """The larger area that the filter of the address stays within; one of the level is not."""
    order = [level.id for level in view.catalogue.territory.levels]
    for part in view.selection.only:
        name, _, argument = part.partition(":")
        if name == "within":
            level, _, area_id = argument.partition("/")
            is_smaller = order.index(level) < order.index(view.selection.level)
            return None if is_smaller else AreaKey(level, area_id)
    return None


def areas_word(view: View) -> str:
    """What the areas of the level are called, in the plural."""
    level = view.selection.level
    name = view.words.of(view.catalogue.territory.level(level).name)
    return view.words.known(f"areas.{level}", name)
