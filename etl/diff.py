"""What the next release changes against the published one; and when an officer must look first."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from babel.numbers import format_decimal

from etl.source import Ledger
from geodata.catalogue.nouns import Catalogue
from geodata.model import Additivity, Issue
from geodata.queries import comparison
from geodata.release import Draft, Release

#: How many moves of values and of ranks are told.
TOLD = 10
#: A total may move by this many standard deviations of its own yearly changes, and by this share
#: in any case, before publication is held.
SIGMAS, LEAST_SHARE = 5.0, 0.02
#: Yearly changes that make a history.
LEAST_CHANGES = 3
#: Share of an indicator's values that may go at a level before publication is held.
LOST_SHARE = 0.10
#: A value this many times what it was is told, whatever the others do.
TIMES = 10.0
_KEY = ("kind", "indicator", "level", "area_id", "period")
COLUMNS = (*_KEY, "before", "after", "rows", "detail")


def changes(
    draft: Draft, base: Release | None, words: Catalogue
) -> tuple[pd.DataFrame, list[Issue]]:
    """The table ``change`` of a draft, and what of it publication must wait for.

    ``kind`` is area_added, area_removed, area_renamed (one row an area), values (one row an
    indicator and level: ``rows`` values moved, ``detail`` the other counts), moved (the ten
    largest moves), rank (the ten largest moves of rank at the territory's default level; before
    and after are ranks), suppressed and shown (``rows`` cells). Empty without a base.
    """
    if base is None:
        return pd.DataFrame(columns=list(COLUMNS)), []
    draft.attach(base)
    try:
        counts = draft.ask(comparison.values_changed())
        moves = draft.ask(comparison.largest_moves(TOLD))
        finest = words.territory.finest_level
        rows = [
            *_areas(draft.ask(comparison.areas_changed())),
            *_values(counts),
            *moves.assign(kind="moved").drop(columns="move").to_dict("records"),
            *draft.ask(comparison.ranks_changed(words.territory.default_level, TOLD))
            .assign(kind="rank", level=words.territory.default_level)
            .to_dict("records"),
        ]
        issues = [
            *_lost(counts, words),
            *_jumps(moves, words),
            *moved_totals(
                draft.ask(comparison.totals(finest, is_base=True)),
                draft.ask(comparison.totals(finest, is_base=False)),
                words,
            ),
        ]
    finally:
        draft.detach()
    return pd.DataFrame(rows, columns=list(COLUMNS)), issues


def moved_totals(then: pd.DataFrame, now: pd.DataFrame, words: Catalogue) -> list[Issue]:
    """A hold for each variable whose total moves more than its own history would let expect.

    Both frames have variable, period, total, areas and source_id. A period that both know is
    compared with itself, a new period with the one before it; the yardstick is the standard
    deviation of the yearly changes of the published series.
    """
    issues = []
    for variable_id, after in now.groupby("variable"):
        variable = words.variables.get(str(variable_id))
        before = then[then["variable"] == variable_id].set_index("period")["total"].dropna()
        if variable is None or variable.additivity is Additivity.NO or before.empty:
            continue
        fresh = after.set_index("period")["total"]
        allowed = allowed_share(before)
        for period, total in fresh.items():
            yardstick = before.get(period, _latest_before(before, str(period)))
            if yardstick is None or not yardstick or not np.isfinite(total):
                continue
            moved = float(total / yardstick - 1)
            if abs(moved) <= allowed:
                continue
            base = words.variables[variable.window_of] if variable.window_of else variable
            told = after["source_id"].dropna()
            source = str(told.iloc[0]) if len(told) else base.sources[0]
            ledger = Ledger(source, source)
            fr, en = (
                (
                    format_decimal(round(float(total)), locale=language),
                    format_decimal(round(float(yardstick)), locale=language),
                    format_decimal(round(100 * moved, 1), "+0.0;-0.0", locale=language),
                    format_decimal(round(100 * allowed, 1), "0.0", locale=language),
                )
                for language in ("fr", "en")
            )
            ledger.hold(
                "total_moved",
                f"{variable.name.fr}, {period} : {fr[0]} au lieu de {fr[1]} "
                f"({fr[2]} %), plus que ±{fr[3]} % attendus",
                f"{variable.name.en}, {period}: {en[0]} instead of {en[1]} "
                f"({en[2]}%), more than the ±{en[3]}% expected",
                column=str(variable_id),
                mend_fr="Vérifier avec le producteur ; approuver si le changement est réel.",
                mend_en="Check with the producer; approve if the change is real.",
            )
            issues += ledger.issues
    return issues


def allowed_share(totals: pd.Series) -> float:
    """How far a total may move, as a share: five sigma of its yearly changes, at least 2 %.

    ``totals`` is indexed by period. A series with fewer than three yearly changes has no history
    of its own: a tenth is then allowed.
    """
    known = totals.sort_index().where(lambda x: x > 0).dropna()
    moved = known.pct_change().dropna()
    if len(moved) < LEAST_CHANGES:
        return LOST_SHARE
    return max(LEAST_SHARE, abs(float(moved.mean())) + SIGMAS * float(moved.std(ddof=1)))


def _latest_before(totals: pd.Series, period: str) -> float | None:
    earlier = totals[totals.index.astype("str") < period]
    return None if earlier.empty else float(earlier.sort_index().iloc[-1])


def _areas(frame: pd.DataFrame) -> Iterator[dict[str, object]]:
    for row in frame.to_dict("records"):
        names = [row["name_before"], row["name_after"]]
        told = " → ".join(str(name) for name in names if name is not None and name == name)
        yield {**{k: row[k] for k in ("kind", "level", "area_id")}, "detail": told}


def _values(counts: pd.DataFrame) -> Iterator[dict[str, object]]:
    for row in counts.to_dict("records"):
        key = {"indicator": row["indicator"], "level": row["level"]}
        told = {name: int(row[name]) for name in ("added", "removed", "moved")}
        if any(told.values()):
            detail = ", ".join(f"{name} {count}" for name, count in told.items())
            yield {**key, "kind": "values", "rows": told["moved"], "detail": detail}
        for kind, name in (("suppressed", "newly_suppressed"), ("shown", "no_longer_suppressed")):
            if int(row[name]):
                yield {**key, "kind": kind, "rows": int(row[name])}


def _lost(counts: pd.DataFrame, words: Catalogue) -> Iterator[Issue]:
    """A hold for each indicator that loses many of its values at a level."""
    for row in counts.to_dict("records"):
        lost, had = int(row["removed"]), int(row["areas_before"])
        indicator = words.indicators.get(str(row["indicator"]))
        if indicator is None or lost <= LOST_SHARE * had:
            continue
        ledger = Ledger(str(row["indicator"]), str(row["indicator"]))
        ledger.hold(
            "values_lost",
            f"{indicator.short.fr} ({row['level']}) : {lost} valeurs sur {had} disparaissent",
            f"{indicator.short.en} ({row['level']}): {lost} of {had} values go",
            rows=lost,
            mend_fr="Vérifier les fichiers ; approuver si c’est voulu.",
            mend_en="Check the files; approve if it is meant.",
        )
        yield from ledger.issues


def _jumps(moves: pd.DataFrame, words: Catalogue) -> Iterator[Issue]:
    """A warning for values that are ten times, or a tenth of, what they were."""
    for row in moves.to_dict("records"):
        before, after = float(row["before"]), float(row["after"])
        if not before or not after or not 1 / TIMES < abs(after / before) < TIMES:
            indicator = words.indicators.get(str(row["indicator"]))
            name_fr = indicator.short.fr if indicator else str(row["indicator"])
            name_en = indicator.short.en if indicator else str(row["indicator"])
            where = f"{row['level']} {row['area_id']}, {row['period']}"
            ledger = Ledger(str(row["indicator"]), str(row["indicator"]))
            ledger.warn(
                "value_jump",
                f"{name_fr}, {where} : {after:g} au lieu de {before:g}",
                f"{name_en}, {where}: {after:g} instead of {before:g}",
                mend_fr="Vérifier cette valeur dans le fichier.",
                mend_en="Check this value in the file.",
            )
            yield from ledger.issues
