"""Reader: who asks, of which release, in which words; what is said of an area starts from it."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.wording import Words
from geodata.catalogue.nouns import Catalogue
from geodata.model import Principal
from geodata.release import Release


@dataclass(frozen=True, slots=True)
class Reader:
    """What sentences about an area are made from, on a page or in a terminal."""

    principal: Principal
    release: Release
    catalogue: Catalogue
    words: Words
