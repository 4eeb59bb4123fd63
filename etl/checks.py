"""Checks between tables and between releases, once every file has been read by itself."""

from __future__ import annotations

import pandas as pd

from etl.source import Ledger
from geodata.catalogue.nouns import Catalogue

#: Rows that may be gained or lost against the published release: said, then held, then refused.
WARN_SHARE, HOLD_SHARE, REJECT_SHARE = 0.10, 0.30, 0.60
#: Finest areas that may lack a parent at a level before the territory is refused.
ORPHAN_SHARE = 0.001
#: Figures of a source that may vanish before publication is held.
LOST_SHARE = 0.01
_KEY = ["variable", "level", "area_id", "period"]
_FETCH = {
    "mend_fr": "Reprendre le fichier complet ; si le changement est voulu, l’approuver.",
    "mend_en": "Fetch the whole file again; if the change is meant, approve it.",
}


def jump(ledger: Ledger, now: int, then: int) -> None:
    """Look at how a source's number of rows moved since the published release.

    Over 10 % it is a warning, over 30 % publication is held, over 60 % lost the file is refused.
    """
    moved = (now - then) / then if then else 0.0
    if abs(moved) <= WARN_SHARE:
        return
    fr = f"{now} lignes au lieu de {then} ({100 * moved:+.0f} %)"
    en = f"{now} rows instead of {then} ({100 * moved:+.0f}%)"
    if moved < -REJECT_SHARE:
        raise ledger.reject("row_count_jump", fr, en, **_FETCH)
    say = ledger.hold if abs(moved) > HOLD_SHARE else ledger.warn
    say("row_count_jump", fr, en, **_FETCH)


def vanished(ledger: Ledger, now: pd.DataFrame, then: pd.DataFrame) -> None:
    """Look for figures of a source that were there before and are there no more.

    A few are a warning; over :data:`LOST_SHARE`, publication is held: a file may be cut at the
    end of a line and look whole. Both frames have the key of the table ``figure``. A file whose
    last period lies before what is published is refused: it is an older one.
    """
    if then.empty:
        return
    latest = {
        name: frame["period"].astype("str").max() for name, frame in (("now", now), ("then", then))
    }
    if len(now) and latest["now"] < latest["then"]:
        raise ledger.reject(
            "older",
            f"la dernière période est {latest['now']} ; {latest['then']} est déjà publiée",
            f"the last period is {latest['now']}; {latest['then']} is already published",
            column="period",
            mend_fr="Fournir le fichier le plus récent.",
            mend_en="Bring the newest file.",
        )
    lost = then.merge(now[_KEY], on=_KEY, how="left", indicator=True)
    lost = lost[lost["_merge"] == "left_only"]
    if lost.empty:
        return
    first = " ".join(str(lost.iloc[0][name]) for name in _KEY)
    say = ledger.hold if len(lost) > LOST_SHARE * len(then) else ledger.warn
    say(
        "vanished",
        f"{len(lost)} valeurs sur {len(then)} ont disparu, dont {first}",
        f"{len(lost)} of {len(then)} figures are gone, such as {first}",
        sample=first,
        rows=len(lost),
        **_FETCH,
    )


def orphans(areas: pd.DataFrame, membership: pd.DataFrame, catalogue: Catalogue) -> None:
    """Refuse a territory in which our finest areas lack a parent at some level.

    A few may lack one in truth (an island that no inter-municipal body holds): those are told
    where the territory is put together.

    Raises
    ------
    RejectedFile
        Naming the area and the level.
    """
    territory = catalogue.territory
    ours = areas[(areas["level"] == territory.finest_level) & (areas["role"] == "territory")]
    entry = next(s for s in catalogue.sources.values() if s.is_territory)
    for parent_level in [x.id for x in territory.levels[1:] if x.id != territory.country.level]:
        members = membership.loc[membership["parent_level"] == parent_level, "area_id"]
        lonely = sorted(set(ours["area_id"]) - set(members))
        if len(lonely) > ORPHAN_SHARE * len(ours):
            raise Ledger(entry.id, entry.file or entry.id).reject(
                "orphan",
                f"{len(lonely)} aires sans {parent_level}, dont {lonely[0]}",
                f"{len(lonely)} areas without {parent_level}, such as {lonely[0]}",
                column="parent_level",
                mend_fr="Ajouter leur appartenance.",
                mend_en="Add their membership.",
            )
