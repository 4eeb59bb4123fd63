"""The authority's own travel times between areas (CSV): a table of minutes, from one to another.

From: whoever timed them (a routing service, a transport authority). One row a pair, in one of two
layouts: `origin_id, destination_id, minutes`, or `from_level, from_id, to_level, to_id, minutes`,
where rows of other levels than the finest are left aside. Either may have `period` (a year) and
`longest_minutes`, the same in all rows: the longest trip that the table was made for. Relied on:
each way has its own row, and may last longer than the other. A pair that is absent is out of reach
only under `longest_minutes`; without it, it is unknown. An empty cell is unknown, `inf` no way.
`options`: `separator`, `decimal`, `edition` (of the codes).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from etl.locate import located, no_duplicates
from etl.reading import Dialect, csv_names, csv_text
from etl.source import LINE, Known, Ledger, Staged
from etl.values import measured
from geodata.catalogue.nouns import SourceEntry
from geodata.model import Status

SHORT = ("origin_id", "destination_id")
LONG = ("from_level", "from_id", "to_level", "to_id")
OPTIONAL = ("period", "longest_minutes")
#: What stands for "there is no way".
MARKS = {"inf": Status.NOT_APPLICABLE}
#: Nobody drives a whole day to a service of his own territory: minutes, not seconds or metres.
MOST_MINUTES = 24 * 60.0
KEY = [*SHORT, "period"]


def stage(entry: SourceEntry, file: str, content: bytes, known: Known) -> Staged:
    """The table ``trip``: ``origin_id``, ``destination_id``, ``minutes``, and what they are of.

    ``minutes`` is NaN where it is unknown, inf where there is no way; ``longest_minutes`` NaN
    where the file does not say; ``period`` empty where it does not say.

    Raises
    ------
    RejectedFile
        Not such a file, several ``longest_minutes``, negative minutes, or more than 1 % of its
        rows wrong.
    """
    ledger = Ledger(entry.id, file)
    options = entry.options
    dialect = Dialect(separator=str(options.get("separator", ",")))
    names = csv_names(content, Ledger(entry.id, file), dialect)
    layout = LONG if "from_id" in names else SHORT
    columns = (*layout, "minutes", *(name for name in OPTIONAL if name in names))
    frame = ledger.begin(csv_text(content, columns, ledger, dialect), known.mends)
    finest = known.catalogue.territory.finest_level
    if layout is LONG:
        frame = frame.rename(columns={"from_id": SHORT[0], "to_id": SHORT[1]})
        _drop_other_levels(frame, finest, ledger)
    if "period" not in frame:
        frame["period"] = ""
    decimal = str(options.get("decimal", "."))
    minutes = _minutes(frame, "minutes", decimal, ledger)
    longest = _longest(frame, decimal, ledger)
    _hold_beyond(frame, minutes, longest, ledger)
    no_duplicates(ledger.kept(frame), KEY, ledger)
    rows = ledger.kept(frame).copy()
    written = rows[list(SHORT)].copy()
    for name in SHORT:
        kept = ledger.kept(rows)
        found = located(kept, name, finest, known, ledger, edition=options.get("edition"))
        rows.loc[kept.index, name] = found
    _drop_former(ledger.kept(rows), written, ledger)
    no_duplicates(ledger.kept(rows), KEY, ledger)
    kept = ledger.kept(rows)
    trips = kept[KEY].assign(
        minutes=minutes[kept.index], longest_minutes=longest, source_id=entry.id
    )
    return ledger.staged({"trip": trips.reset_index(drop=True)})


def _minutes(frame: pd.DataFrame, column: str, decimal: str, ledger: Ledger) -> pd.Series[Any]:
    made = measured(
        frame, column, ledger, decimal=decimal, marks=MARKS, minimum=0, maximum=MOST_MINUTES
    )
    return made["value"].mask(made["status"] == Status.NOT_APPLICABLE, np.inf)


def _longest(frame: pd.DataFrame, decimal: str, ledger: Ledger) -> float:
    """The longest trip that the file declares it was made for; NaN when it does not."""
    if "longest_minutes" not in frame:
        return float("nan")
    found = _minutes(frame, "longest_minutes", decimal, ledger)
    said = found.drop_duplicates()
    if len(said) > 1 or not (said > 0).all():
        other = found[found != found.iloc[0]]
        line = frame.loc[other.index[0] if len(other) else frame.index[0], LINE]
        raise ledger.reject(
            "several_longest",
            "la plus longue durée déclarée n’est pas la même partout",
            "the longest time declared is not the same everywhere",
            line=int(line),
            column="longest_minutes",
            mend_fr="Écrire la même durée sur toutes les lignes, ou retirer la colonne.",
            mend_en="Write the same time in all rows, or remove the column.",
        )
    return float(said.iloc[0]) if len(said) else float("nan")


def _hold_beyond(
    frame: pd.DataFrame, minutes: pd.Series[Any], longest: float, ledger: Ledger
) -> None:
    """Hold back what is longer than the longest trip the file says it was made for."""
    beyond = np.isfinite(minutes) & (minutes > longest)
    if beyond.any():
        ledger.quarantine(
            frame.loc[beyond, LINE],
            "beyond_longest",
            f"durée au-delà de la plus longue déclarée, {longest:g} minutes",
            f"a time beyond the longest declared, {longest:g} minutes",
            column="minutes",
            mend_fr="Déclarer la plus longue durée calculée.",
            mend_en="Declare the longest time that was computed.",
        )


def _drop_other_levels(frame: pd.DataFrame, finest: str, ledger: Ledger) -> None:
    other = frame["from_level"].ne(finest) | frame["to_level"].ne(finest)
    ledger.drop(
        frame.loc[other, LINE],
        "other_level",
        f"trajets entre d’autres aires que le niveau le plus fin, {finest}",
        f"trips between other areas than those of the finest level, {finest}",
        column="from_level",
    )


def _drop_former(rows: pd.DataFrame, written: pd.DataFrame, ledger: Ledger) -> None:
    """Of areas that are one today, keep the trips of the code that is still that of the whole."""
    is_former = (rows[list(SHORT)] != written.loc[rows.index]).any(axis=1)
    twice = rows.duplicated(KEY, keep=False)
    stands = (~is_former).groupby([rows[name] for name in KEY]).transform("any")
    ledger.drop(
        rows.loc[twice & is_former & stands.astype(bool), LINE],
        "former_area",
        "aire réunie depuis à une autre, dont le trajet est gardé",
        "area joined since to another one, whose trip is kept",
    )
