"""What a draft changes against the release it is compared with: statements, not yet asked.

They are run by :meth:`geodata.release.Draft.ask` while the base is attached. Portable SQL: full
joins on natural keys, explicit null order, no division left to the engine's taste.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from geodata.schema import (
    area,
    base_area,
    base_figure,
    base_observation,
    figure,
    observation,
)

Select = sa.Select[Any]
_SUPPRESSED = "suppressed"


def areas_changed() -> Select:
    """Areas that are new, gone or renamed: kind, level, area_id, name_before, name_after."""
    a, b = area.c, base_area.c
    kind = sa.case(
        (b.area_id.is_(None), "area_added"),
        (a.area_id.is_(None), "area_removed"),
        else_="area_renamed",
    )
    joined = sa.outerjoin(
        area, base_area, sa.and_(a.level == b.level, a.area_id == b.area_id), full=True
    )
    return (
        sa.select(
            kind.label("kind"),
            sa.func.coalesce(a.level, b.level).label("level"),
            sa.func.coalesce(a.area_id, b.area_id).label("area_id"),
            b.name.label("name_before"),
            a.name.label("name_after"),
        )
        .select_from(joined)
        .where(sa.or_(a.area_id.is_(None), b.area_id.is_(None), a.name != b.name))
        .order_by("kind", "level", "area_id")
    )


def values_changed() -> Select:
    """How many values changed, by indicator and level.

    Columns indicator, level, added, removed, moved, newly_suppressed, no_longer_suppressed,
    areas_before and areas_after (rows with a value).
    """
    o, b = observation.c, base_observation.c
    has, had = o.value.is_not(None), b.value.is_not(None)
    is_secret, was_secret = o.status == _SUPPRESSED, b.status == _SUPPRESSED
    counts = {
        "added": sa.and_(has, b.value.is_(None)),
        "removed": sa.and_(had, o.value.is_(None)),
        "moved": sa.and_(has, had, o.value != b.value),
        "newly_suppressed": sa.and_(is_secret, sa.func.coalesce(b.status, "") != _SUPPRESSED),
        "no_longer_suppressed": sa.and_(was_secret, sa.func.coalesce(o.status, "") != _SUPPRESSED),
        "areas_before": had,
        "areas_after": has,
    }
    indicator = sa.func.coalesce(o.indicator, b.indicator)
    level = sa.func.coalesce(o.level, b.level)
    return (
        sa.select(
            indicator.label("indicator"),
            level.label("level"),
            *(
                sa.func.sum(sa.case((test, 1), else_=0)).label(name)
                for name, test in counts.items()
            ),
        )
        .select_from(_same_observation(full=True))
        .group_by(indicator, level)
        .order_by("indicator", "level")
    )


def largest_moves(limit: int) -> Select:
    """The values that moved most, each beside the usual size of its indicator.

    Columns indicator, level, area_id, period, before, after, move: the difference over the mean
    absolute value of the indicator at that level before.
    """
    o, b = observation.c, base_observation.c
    usual = (
        sa.select(b.indicator, b.level, sa.func.avg(sa.func.abs(b.value)).label("usual"))
        .group_by(b.indicator, b.level)
        .having(sa.func.avg(sa.func.abs(b.value)) > 0)
        .subquery()
    )
    move = (sa.func.abs(o.value - b.value) / usual.c.usual).label("move")
    return (
        sa.select(
            o.indicator,
            o.level,
            o.area_id,
            o.period,
            b.value.label("before"),
            o.value.label("after"),
            move,
        )
        .select_from(
            _same_observation(full=False).join(
                usual, sa.and_(usual.c.indicator == o.indicator, usual.c.level == o.level)
            )
        )
        .where(o.value != b.value)
        .order_by(move.desc().nulls_last(), o.indicator, o.level, o.area_id, o.period)
        .limit(limit)
    )


def ranks_changed(level: str, limit: int) -> Select:
    """The areas of a level whose rank moved most, at the latest period both releases have.

    Columns indicator, area_id, period, before, after: ranks, 1 is the highest value.
    """
    o, b = observation.c, base_observation.c
    latest = (
        sa.select(o.indicator, sa.func.max(o.period).label("period"))
        .select_from(_same_observation(full=False))
        .where(o.level == level, o.value.is_not(None), b.value.is_not(None))
        .group_by(o.indicator)
        .subquery()
    )

    def ranked(table: sa.Table) -> sa.Subquery:
        c = table.c
        place = sa.func.rank().over(partition_by=c.indicator, order_by=c.value.desc().nulls_last())
        return (
            sa.select(c.indicator, c.area_id, c.period, place.label("place"))
            .join(
                latest,
                sa.and_(latest.c.indicator == c.indicator, latest.c.period == c.period),
            )
            .where(c.level == level, c.value.is_not(None))
            .subquery()
        )

    now, then = ranked(observation), ranked(base_observation)
    return (
        sa.select(
            now.c.indicator,
            now.c.area_id,
            now.c.period,
            then.c.place.label("before"),
            now.c.place.label("after"),
        )
        .join(then, sa.and_(then.c.indicator == now.c.indicator, then.c.area_id == now.c.area_id))
        .where(now.c.place != then.c.place)
        .order_by(sa.func.abs(now.c.place - then.c.place).desc(), now.c.indicator, now.c.area_id)
        .limit(limit)
    )


def totals(level: str, is_base: bool) -> Select:
    """The sum of each variable over the territory's areas of a level: variable, period, total.

    Also ``areas``, how many have a value, and ``source_id``, one of those it comes from.
    """
    f, a = (base_figure.c, base_area.c) if is_base else (figure.c, area.c)
    joined = sa.join(
        base_figure if is_base else figure,
        base_area if is_base else area,
        sa.and_(f.level == a.level, f.area_id == a.area_id),
    )
    return (
        sa.select(
            f.variable,
            f.period,
            sa.func.sum(f.value).label("total"),
            sa.func.count(f.value).label("areas"),
            sa.func.max(f.source_id).label("source_id"),
        )
        .select_from(joined)
        .where(f.level == level, a.role == "territory")
        .group_by(f.variable, f.period)
        .order_by(f.variable, f.period)
    )


def _same_observation(full: bool) -> sa.FromClause:
    o, b = observation.c, base_observation.c
    return sa.outerjoin(
        observation,
        base_observation,
        sa.and_(
            o.indicator == b.indicator,
            o.level == b.level,
            o.area_id == b.area_id,
            o.period == b.period,
        ),
        full=full,
    )
