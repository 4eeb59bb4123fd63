"""Run each catalogue indicator's method; write observations and where they come from."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict

import pandas as pd

from etl import clusters, inequalities, statistics, trends
from etl.scene import DRAWS
from etl.source import COUNTRY_SHARE
from geodata.catalogue.nouns import Catalogue, Indicator
from geodata.methods.decay import Decay, StepWeights
from geodata.methods.rates import combined_status, rate

COLUMNS = [
    "indicator",
    "level",
    "area_id",
    "period",
    "value",
    "status",
    "numerator",
    "denominator",
    "parts",
    "parts_expected",
]
Frames = dict[tuple[str, str], pd.DataFrame]


def observations(
    indicator: Indicator,
    frame: pd.DataFrame,
    areas: pd.DataFrame,
    catalogue: Catalogue,
    with_edges: bool = False,
) -> pd.DataFrame:
    """Every observation of one indicator.

    Parameters
    ----------
    frame: the completed figures of its variables (see `etl.figures`), or the table ``coverage``
        of its service when it reads the engine.
    areas: level, area_id, role; edges are left out: they are never ranked or exported.
    with_edges: with them all the same, for what is made of an area and those beside it.

    Returns
    -------
    The table ``observation``. An area of a level that has any value has a row for each of its
    periods, whatever its status.
    """
    if indicator.method == "coverage":
        made = _coverage_values(indicator, frame)
        return made.assign(indicator=indicator.id).reindex(columns=COLUMNS)
    shown = areas if with_edges else areas[areas["role"] != "edge"]
    ids = {str(level): pd.Index(part["area_id"]) for level, part in shown.groupby("level")}
    frames: Frames = {
        (str(variable), str(level)): part.set_index(["period", "area_id"])
        for (variable, level), part in frame.groupby(["variable", "level"])
    }
    return _of_indicator(indicator, frames, ids, catalogue)


def lineages(
    catalogue: Catalogue, present: Collection[str], travelled: Mapping[str, object]
) -> pd.DataFrame:
    """How each indicator was computed: method, parameters as JSON, sources that are present.

    ``travelled`` tells how trips were timed (`etl.shared_services.SharedServices.travel`).
    """
    rows = []
    for indicator in catalogue.indicators.values():
        parameters: dict[str, object] = {}
        if indicator.method == "ratio":
            parameters = {
                "numerator": indicator.numerator,
                "denominator": indicator.denominator,
                "denominator_period": indicator.denominator_period,
                "per": indicator.per,
            }
        elif indicator.coverage is not None:
            service = catalogue.services[indicator.coverage.service]
            travel = catalogue.territory.travel
            parameters = {
                "method": service.method,
                **decay_parameters(service.decay),
                **({"use_rates": dict(service.use_rates)} if service.use_rates else {}),
                "standard": indicator.coverage.standard,
                "standard_kind": service.standard(indicator.coverage.standard).kind,
                "standard_error": service.standard(indicator.coverage.standard).error,
                "week_share": service.week_share,
                "capacity_error": service.capacity_error,
                "draws": DRAWS.count,
                "seed": DRAWS.seed,
                **travelled,
                "declared_on": max(service.declared_on, travel.declared_on).isoformat(),
            }
        elif indicator.variable is not None:
            parameters = {"variable": indicator.variable}
        rows.append(
            {
                "indicator": indicator.id,
                "method": indicator.method,
                "parameters": json.dumps(
                    parameters
                    | statistics.parameters(indicator)
                    | trends.parameters(indicator)
                    | clusters.parameters()
                    | inequalities.parameters(indicator, catalogue)
                ),
                "source_ids": ",".join(x for x in catalogue.sources_of(indicator) if x in present),
            }
        )
    return pd.DataFrame(rows, columns=["indicator", "method", "parameters", "source_ids"])


def decay_parameters(decay: Decay | None) -> dict[str, object]:
    """A decay by the names of its parameters, and of its curve where it is one."""
    if decay is None:
        return {}
    if isinstance(decay, StepWeights):
        return asdict(decay)
    return {"decay": type(decay).__name__.lower(), **asdict(decay)}  # type: ignore[call-overload]


def _of_indicator(
    indicator: Indicator, frames: Frames, ids: dict[str, pd.Index], catalogue: Catalogue
) -> pd.DataFrame:
    country = catalogue.territory.country.level
    per_level = [
        _published(indicator, frames, level, ids[level])
        if indicator.method == "published"
        else _ratio(indicator, frames, level, ids[level])
        for level in indicator.levels
        if level in ids and level != country
    ]
    if indicator.method == "ratio" and country in indicator.levels:
        of_country = catalogue.territory.country_parts_level
        parts = [frame for frame in per_level if (frame["level"] == of_country).all()]
        per_level += [_country(indicator, frame, catalogue) for frame in parts if len(frame)]
    made = pd.concat(per_level, ignore_index=True) if per_level else _empty("")
    return made.assign(indicator=indicator.id).reindex(columns=COLUMNS)


def _published(indicator: Indicator, frames: Frames, level: str, ids: pd.Index) -> pd.DataFrame:
    frame = frames.get((indicator.variable or "", level))
    if frame is None:
        return _empty(level)
    return _laid_out(frame[["value", "status"]], ids).assign(level=level)


def _ratio(indicator: Indicator, frames: Frames, level: str, ids: pd.Index) -> pd.DataFrame:
    above = _total(indicator.numerator, frames, level, ids)
    below = _total(indicator.denominator, frames, level, ids)
    if above is None or below is None:
        return _empty(level)
    if indicator.denominator_period is not None:
        below = _of_fixed_period(below, indicator.denominator_period, above.index)
    else:
        both = above.index.intersection(below.index)
        above, below = above.loc[both], below.loc[both]
    if not (above["value"].notna() & below["value"].notna()).any():
        return _empty(level)
    made = rate(above, below, indicator.per)
    made["numerator"], made["denominator"] = above["value"], below["value"]
    return made.reset_index().assign(level=level)


def _of_fixed_period(below: pd.DataFrame, period: str, index: pd.Index) -> pd.DataFrame:
    """The denominator of one period for every period of ``index``: an estimate for the others."""
    fixed = below.loc[below.index.get_level_values("period") == period].droplevel("period")
    made = fixed.reindex(index.get_level_values("area_id")).set_axis(index)
    made["status"] = made["status"].fillna("missing")
    is_other = (index.get_level_values("period") != period) & (made["status"] == "observed")
    made.loc[is_other, "status"] = "estimated"
    return made


def _total(
    variables: Sequence[str], frames: Frames, level: str, ids: pd.Index
) -> pd.DataFrame | None:
    """Sum of some variables, laid out over the level's areas; None where one is not published."""
    parts = [frames.get((variable, level)) for variable in variables]
    known = [part[["value", "status"]] for part in parts if part is not None]
    if len(known) < len(parts):
        return None
    laid = [_laid_out(part, ids).set_index(["period", "area_id"]) for part in known]
    index = laid[0].index
    for part in laid[1:]:
        index = index.intersection(part.index)
    laid = [part.loc[index] for part in laid]
    value = pd.concat([part["value"] for part in laid], axis=1).sum(axis=1, skipna=False)
    status = combined_status(*(part["status"] for part in laid))
    return pd.DataFrame({"value": value, "status": status})


def _laid_out(frame: pd.DataFrame, ids: pd.Index) -> pd.DataFrame:
    """A row for each period of the frame and each area of the level; absent is missing."""
    periods = frame.index.get_level_values("period").unique().sort_values()
    index = pd.MultiIndex.from_product([periods, ids], names=["period", "area_id"])
    made = frame.reindex(index)
    made["status"] = made["status"].fillna("missing")
    return made.reset_index()


def _country(indicator: Indicator, parts: pd.DataFrame, catalogue: Catalogue) -> pd.DataFrame:
    """The country's ratio, from the parts where both its terms are known, and how many they are."""
    rows = []
    for period, frame in parts.groupby("period"):
        known = frame.dropna(subset=["numerator", "denominator"])
        if len(known) < COUNTRY_SHARE * len(frame):
            continue
        above, below = known["numerator"].sum(), known["denominator"].sum()
        if not below > 0:
            continue  # nobody anywhere to count among: there is no ratio
        is_sure = known["status"].eq("observed").all()
        rows.append(
            {
                "level": catalogue.territory.country.level,
                "area_id": catalogue.territory.country.area_id,
                "period": period,
                "value": indicator.per * above / below,
                "status": "observed" if is_sure else "estimated",
                "numerator": above,
                "denominator": below,
                "parts": len(known),
                "parts_expected": len(frame),
            }
        )
    return pd.DataFrame(rows, columns=COLUMNS[1:])


def _coverage_values(indicator: Indicator, coverage: pd.DataFrame) -> pd.DataFrame:
    reads = indicator.coverage
    assert reads is not None
    ours = coverage[
        (coverage["service"] == reads.service)
        & (coverage["standard"] == reads.standard)
        & coverage["level"].isin(indicator.levels)
    ]
    above = {"coverage": "effective", "unmet_rate": "unmet", "gap_rate": "gap"}[reads.measure]
    return pd.DataFrame(
        {
            "level": ours["level"],
            "area_id": ours["area_id"],
            "period": ours["period"],
            "value": ours[reads.measure],
            "status": ours["status"],
            "numerator": ours[above],
            "denominator": ours["demand"],
        }
    )


def _empty(level: str) -> pd.DataFrame:
    return pd.DataFrame({name: [] for name in COLUMNS[1:]}).assign(level=level)
