"""Counts of persons under the threshold of their disclosure profile, in a file that is public."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from etl.source import Ledger
from geodata.catalogue.nouns import Catalogue, SourceEntry

#: How many of them a message names.
_NAMED = 3


def check_small_counts(
    tables: Mapping[str, pd.DataFrame], entry: SourceEntry, words: Catalogue, ledger: Ledger
) -> None:
    """Refuse a source whose protected variables hold counts from 1 to under the threshold.

    Only variables that name a disclosure profile are looked at: an area of three inhabitants or
    a service of two places exposes nobody. Where the entry says that its producer publishes such
    counts itself (``small_counts_at``), a note tells how many. Counts are never shown.

    Parameters
    ----------
    tables: the staged tables; ``figure`` has variable, level, area_id, period, value.

    Raises
    ------
    RejectedFile
        ``small_counts``, naming the variable, the threshold and where the first ones stand.
    """
    if "figure" not in tables:
        return
    figures = tables["figure"]
    profiles = {name: words.profile(str(name)) for name in figures["variable"].unique()}
    smallest = {name: profile.smallest for name, profile in profiles.items() if profile}
    threshold = figures["variable"].astype("object").map(smallest).astype("float64")
    small = figures[(figures["value"] > 0) & (figures["value"] < threshold)]
    is_public = small["level"].isin(list(entry.small_counts_at))
    if is_public.any():
        ledger.note(
            "small_counts_published",
            f"{is_public.sum()} petits nombres de personnes, que le producteur publie lui-même "
            f"({', '.join(entry.small_counts_at)})",
            f"{is_public.sum()} small counts of persons, which the producer itself publishes "
            f"({', '.join(entry.small_counts_at)})",
            rows=int(is_public.sum()),
        )
    exposed = small[~is_public]
    if len(exposed):
        variable_id = str(exposed["variable"].iloc[0])
        variable, profile = words.variables[variable_id], words.profile(variable_id)
        assert profile is not None, "small counts are of protected variables"
        told = ", ".join(
            f"{level} {area} {period}"
            for level, area, period in exposed[["level", "area_id", "period"]]
            .head(_NAMED)
            .itertuples(index=False)
        )
        raise ledger.reject(
            "small_counts",
            f"SÉCURITÉ : {len(exposed)} nombres de 1 à {profile.smallest - 1} dans une donnée "
            f"protégée ({variable.name.fr} ; {profile.name.fr}), dont {told} ; le fichier est "
            "refusé et rien n’en est gardé",
            f"SECURITY: {len(exposed)} counts from 1 to {profile.smallest - 1} in protected data "
            f"({variable.name.en}; {profile.name.en}), such as {told}; the file is refused and "
            "nothing of it is kept",
            column=variable_id,
            rows=len(exposed),
            mend_fr="Reprendre un fichier où ces nombres sont secrets ; prévenir le délégué à la "
            "protection des données si celui-ci a circulé. Si le producteur les publie, le dire "
            "dans la description de la source (small_counts_at).",
            mend_en="Take a file in which these counts are suppressed; tell the data protection "
            "officer if this one has travelled. Where the producer publishes them, say so in the "
            "description of the source (small_counts_at).",
        )
