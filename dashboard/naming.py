"""Areas by name or code, as a person writes them: without accents, hyphens or capitals."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

import pandas as pd

#: How many areas are proposed.
MOST = 8
_LONGEST = 80
#: Words that people shorten, and how official names write them.
_SHORT = {"st": "saint", "ste": "sainte"}


def plain(text: str) -> str:
    """A name as it is compared: no accent, no hyphen, no apostrophe, no capital, no short word.

    >>> plain("St-Étienne-Lardeyrol")
    'saint etienne lardeyrol'
    """
    bare = unicodedata.normalize("NFD", text.casefold().replace("œ", "oe").replace("æ", "ae"))
    letters = (c if c.isalnum() else " " for c in bare if not unicodedata.combining(c))
    return " ".join(_SHORT.get(word, word) for word in "".join(letters).split())


def areas_found(names: pd.DataFrame, text: str, most: int = MOST) -> pd.DataFrame:
    """The areas that a text may mean, the likeliest first.

    Parameters
    ----------
    names: area_id, name, plain (its name by :func:`plain`), population, and what is carried along.

    Returns
    -------
    The rows whose code is the text, whose name begins with it, in which a word does, or that hold
    it, in that order; among equals the most populated first.
    """
    wanted = plain(text[:_LONGEST])
    if not wanted:
        return names.iloc[:0]
    said, code = names["plain"], names["area_id"].str.casefold()
    tiers: Sequence[pd.Series] = (
        code == wanted,
        said == wanted,
        said.str.startswith(wanted),
        (" " + said).str.contains(" " + wanted, regex=False),
        said.str.contains(wanted, regex=False) | code.str.startswith(wanted),
    )
    tier = pd.Series(len(tiers), index=names.index)
    for rank, holds in reversed(list(enumerate(tiers))):
        tier = tier.mask(holds, rank)
    likely = names.assign(tier=tier)[tier < len(tiers)]
    order = likely.sort_values(
        ["tier", "population", "area_id"], ascending=[True, False, True], na_position="last"
    )
    return order.head(most).drop(columns="tier")
