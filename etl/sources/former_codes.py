"""What became of communes since the last events published: the former codes of those in force.

From: communes.json of @etalab/decoupage-administratif, drawn from INSEE's COG. Relied on: the code
of each commune in force and, in ``anciensCodes``, every code it ever absorbed; the events already
read (mouvements) say where those codes had got to. What is left to tell is a merger, a change of
code, or a commune restored that the events still have as a part of another.

The file gives no date. Its events are given the date of the first edition of the code officiel
that lists the same communes: 1 January 2025 (34,875 communes, as published by INSEE).
"""

from __future__ import annotations

import json

import pandas as pd

from etl.history import events_of
from etl.source import LINE, Known, Ledger, Staged
from etl.sources.mouvements import LEVEL
from geodata.catalogue.nouns import SourceEntry
from geodata.methods.area_events import mentions, steps
from geodata.methods.succession import destinations

ON = "2025-01-01"
IN_FORCE = "commune-actuelle"


def stage(entry: SourceEntry, file: str, content: bytes, known: Known) -> Staged:
    """The table ``area_event``, continued to the communes in force.

    Raises
    ------
    RejectedFile
        Not the expected JSON, no commune in force, a code twice, or no event read before.
    """
    ledger = Ledger(entry.id, file)
    frame = ledger.begin(_records(content, ledger))
    events = events_of(known, LEVEL)
    if events is None:
        raise ledger.reject(
            "no_events",
            "les événements antérieurs n’ont pas été lus",
            "the events before these were not read",
            mend_fr="Ajouter la source « mouvements » à `needs`, avant celle-ci.",
            mend_en="Add the source `mouvements` to `needs`, before this one.",
        )
    ledger.drop(
        frame.loc[frame["type"] != IN_FORCE, LINE],
        "not_a_commune",
        "commune associée, déléguée ou arrondissement municipal",
        "associated or delegated commune, or municipal arrondissement",
    )
    communes = ledger.kept(frame)
    made = _events(communes, events)
    told = made.loc[made["after_id"].isin(communes["code"]), "after_id"]
    ledger.drop(
        communes.loc[~communes["code"].isin(told), LINE],
        "nothing_since",
        "commune à laquelle rien n’est arrivé depuis les derniers événements publiés",
        "commune to which nothing happened since the last events published",
    )
    return ledger.staged({"area_event": made})


def _records(content: bytes, ledger: Ledger) -> pd.DataFrame:
    """``code``, ``type``, ``former`` (list of codes) and line, one row a record."""
    mend = {
        "mend_fr": "Reprendre communes.json chez son producteur.",
        "mend_en": "Fetch communes.json again from its producer.",
    }
    try:
        records = json.loads(content)
        rows = [(str(r["code"]), str(r["type"]), list(r.get("anciensCodes", ()))) for r in records]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise ledger.reject(
            "unreadable_json",
            f"ce n’est pas une liste de communes ({type(error).__name__})",
            f"this is not a list of communes ({type(error).__name__})",
            **mend,
        ) from error
    frame = pd.DataFrame(rows, columns=["code", "type", "former"])
    frame[LINE] = range(1, len(frame) + 1)
    communes = frame[frame["type"] == IN_FORCE]
    twice = communes[communes["code"].duplicated()]
    if communes.empty or len(twice):
        raise ledger.reject(
            "duplicate_key" if len(twice) else "no_rows",
            "commune présente deux fois" if len(twice) else "aucune commune en vigueur",
            "a commune is there twice" if len(twice) else "no commune in force",
            column="code",
            line=int(twice[LINE].iloc[0]) if len(twice) else None,
            sample=str(twice["code"].iloc[0]) if len(twice) else "",
            **mend,
        )
    return frame


def _events(communes: pd.DataFrame, events: pd.DataFrame) -> pd.DataFrame:
    """The events that lead from the last ones told to the communes in force."""
    last_day = str(events["on"].max())
    spans = destinations(events)
    spans = spans[spans["from_on"] <= last_day].sort_values("from_on")
    ends = spans.groupby("area_id").agg(until=("until_on", "last"), from_on=("from_on", "last"))
    spans = spans[spans["from_on"] == spans["area_id"].map(ends["from_on"])]
    reached: dict[str, list[str]] = {
        str(area): list(tips) for area, tips in spans.groupby("area_id")["after_id"]
    }
    named = mentions(steps(events))
    alive_then = {area for area, found in named.items() if found[-1].is_then}
    in_force = frozenset(communes["code"])
    edges: dict[tuple[str, str], str] = {}
    for code, former in zip(communes["code"], communes["former"], strict=True):
        was = code not in named or code in alive_then
        # a code that lived for less than a day is named, and reached nothing of its own
        tips = {tip for old in former for tip in reached.get(old, [] if old in named else [old])}
        origins = sorted(tips - in_force)
        edges |= {
            (origin, code): "merge" if was or len(origins) > 1 else "recode" for origin in origins
        }
        if was and origins:
            edges[code, code] = "merge"
        if not was and not origins:  # restored: it leaves the commune that had absorbed it
            for origin in reached[code]:
                edges[origin, code] = "split"
                if origin in in_force:
                    edges[origin, origin] = "rename"
    rows = [(LEVEL, ON, 1, before, after, kind) for (before, after), kind in edges.items()]
    columns = ["level", "on", "step", "before_id", "after_id", "kind"]
    return pd.DataFrame(sorted(rows), columns=columns)
