"""Columns of codes, asked quickly."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd


def among(codes: pd.Series, wanted: Iterable[str]) -> pd.Series:
    """Whether each code is one of the wanted ones: boolean, on the index of ``codes``.

    A hashed look-up: ``Series.isin`` on Arrow texts walks both columns in Python (pandas 3.0),
    four seconds where this takes a hundredth.

    >>> among(pd.Series(["01", "02"], index=[5, 7]), {"02"}).to_dict()
    {5: False, 7: True}
    """
    place = pd.Index(list(dict.fromkeys(wanted)), dtype=object).get_indexer(
        pd.Index(codes, dtype=object)
    )
    return pd.Series(place >= 0, index=codes.index)
