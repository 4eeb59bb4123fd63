"""Pages: each is one `Page`; what it draws from is a `View`. Pages do not know one another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dash import Dash, Output
from dash.development.base_component import Component

from dashboard.data import Unready
from dashboard.offer import Offer
from dashboard.reader import Reader
from dashboard.selection import Remark, Selection
from dashboard.wording import Words
from geodata.catalogue.nouns import Catalogue
from geodata.model import Principal
from geodata.release import Release
from geodata.settings import Settings


@dataclass(frozen=True)
class Desk:
    """What the parts that need no release draw from: who asks, of which house, in which words."""

    principal: Principal
    settings: Settings
    catalogue: Catalogue
    words: Words


@dataclass(frozen=True)
class View:
    """What a page draws from: who asks, the release, what is selected, and the words."""

    principal: Principal
    settings: Settings
    release: Release
    catalogue: Catalogue
    offer: Offer
    selection: Selection
    remarks: tuple[Remark, ...]
    words: Words

    @property
    def desk(self) -> Desk:
        """The view without its release."""
        return Desk(self.principal, self.settings, self.catalogue, self.words)

    @property
    def reader(self) -> Reader:
        """Who asks, of which release, in which words: the view without what is selected."""
        return Reader(self.principal, self.release, self.catalogue, self.words)


#: What an address (path, query) shows; raises Unready without a release, Forbidden for strangers.
Sight = Callable[[str, str], View]


@dataclass(frozen=True)
class Page:
    """A page. ``update`` returns a value for each of ``outputs``, which ``layout`` places.

    ``follow`` returns a value for each of ``later``:
    what is drawn once the first is on its way, so that a map need not wait for what is around it;
    there are at least two of them, or none. ``register`` adds callbacks of the page's own,
    given the desk of a path and the view of an address; ``unready`` draws it without a release.
    """

    id: str
    title: Callable[[View], str]
    layout: Callable[[View], Component]
    outputs: tuple[Output, ...]
    update: Callable[[View], tuple[object, ...]]
    later: tuple[Output, ...] = ()
    follow: Callable[[View], tuple[object, ...]] | None = None
    register: Callable[[Dash, Callable[[str], Desk], Sight], None] | None = None
    unready: Callable[[Desk, Unready], Component] | None = None


def choice_id(page: str, name: str) -> str:
    """Id of the control of a page that chooses the field ``name`` of the selection."""
    return f"{page}-choice-{name}"
