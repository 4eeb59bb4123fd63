"""From staged sources to the tables of a release, each step on what it reads and no more."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass

import geopandas as gpd
import pandas as pd

from etl import checks, compute, coverage, figures, tiles
from etl.codes import among
from etl.source import Ledger
from etl.staging import Stock, key_of
from etl.steps import Made, Step, Steps, hashed
from geodata.catalogue.nouns import Catalogue, Indicator, ServiceCategory, Variable
from geodata.model import Issue, Severity

#: Tables that sources stage as they stand in the release.
AS_STAGED = ("service", "equipment", "area_event", "area_trait")
_FIGURE = ["variable", "level", "area_id", "period", "value", "status", "source_id"]


@dataclass(frozen=True, slots=True)
class Built:
    """The steps that hold each table of the release, and what was found wrong on the way."""

    tables: Mapping[str, list[Step]]
    issues: tuple[Issue, ...]


def built(
    stock: Stock, words: Catalogue, steps: Steps, progress: Callable[[str, float], None]
) -> Built:
    """Every table of the release but ``about``, ``source``, ``issue`` and ``change``.

    Raises
    ------
    RejectedFile
        When what the sources say together cannot stand: an orphan, contours that overlap, a
        need whose figures are unknown.
    """
    territory = stock.territory
    assert territory is not None
    areas, membership = territory.frame("area"), territory.frame("area_membership")
    checks.orphans(areas, membership, words)
    members = _own_members(areas, membership, words)
    issues: list[Issue] = []
    families = {v.id: _family(v, words) for v in words.variables.values() if v.window_of is None}
    fed = {name: f for name, f in families.items() if any(s in stock.sources for s in f[0].sources)}
    by_variable: dict[str, Step] = {}
    for number, (name, family) in enumerate(fed.items()):
        progress(f"figures {name}", number / (len(fed) + len(words.indicators) + 4))
        step = steps.step(
            f"figures {name}",
            [hashed(*(key_of(stock, words, v.id) for v in family)), _additivity(family)],
            lambda family=family: _figures(family, stock, members, words),  # type: ignore[misc]
        )
        by_variable |= dict.fromkeys((v.id for v in family), step)
        issues += _issues(step)
    coverages = {
        service.id: _coverage(service, by_variable, territory, areas, members, words, steps)
        for service in words.services.values()
        if {*service.supply, service.demand} <= set(by_variable)
    }
    issues += [issue for step in coverages.values() for issue in _issues(step)]
    observed = []
    for number, indicator in enumerate(words.indicators.values()):
        share = (len(fed) + number) / (len(fed) + len(words.indicators) + 4)
        progress(f"indicator {indicator.id}", share)
        observed.append(_observed(indicator, by_variable, coverages, territory, words, steps))
    progress("tiles", 0.95)
    drawn = steps.step("tiles", [territory.key], lambda: ({"tile": _tiles(areas, words)}, {}))
    made = {
        "area": [territory],
        "area_membership": [territory],
        "figure": list(dict.fromkeys(by_variable.values())),
        "reconciliation": list(dict.fromkeys(by_variable.values())),
        "coverage": list(coverages.values()),
        "observation": [step for step in observed if step is not None],
        "tile": [drawn],
    }
    made |= {table: stock.steps_with(table) for table in AS_STAGED}
    return Built(made, tuple(issues))


def _own_members(areas: pd.DataFrame, membership: pd.DataFrame, words: Catalogue) -> pd.DataFrame:
    """The memberships of the territory's own finest areas."""
    finest = words.territory.finest_level
    ours = areas.loc[(areas["level"] == finest) & (areas["role"] == "territory"), "area_id"]
    members = membership[membership["level"] == finest]
    return members[among(members["area_id"], ours)]


def _family(variable: Variable, words: Catalogue) -> list[Variable]:
    """A variable and those derived from it."""
    return [variable, *(v for v in words.variables.values() if v.window_of == variable.id)]


def _additivity(family: Iterable[Variable]) -> str:
    return repr([(v.id, v.additivity) for v in family])


def _figures(family: list[Variable], stock: Stock, members: pd.DataFrame, words: Catalogue) -> Made:
    """The figures of a variable and of those derived from it, completed by sums of parts."""
    base = family[0]
    frames = []
    for name in base.sources:
        step = stock.sources.get(name)
        if step is None or "figure" not in step.tables:
            continue
        frame = step.frame("figure")
        frames.append(frame[frame["variable"] == base.id].reindex(columns=_FIGURE))
    published, issues = merged_figures(frames, base, stock)
    published = pd.concat([published, figures.derived_figures(published, words)])
    published = published.reset_index(drop=True)
    sums = figures.sums_of_parts(published, members, words)
    tables = {
        "figure": figures.completed_figures(published, sums),
        "reconciliation": figures.reconciliations(published, sums),
    }
    return tables, {"issues": [asdict(issue) for issue in issues]}


def merged_figures(
    frames: list[pd.DataFrame], variable: Variable, stock: Stock
) -> tuple[pd.DataFrame, list[Issue]]:
    """One figure for each area and period: that of the first source that has it.

    ``frames`` are in the variable's order of trust. Where two sources give values that differ,
    a warning says how many and names the first.
    """
    if not frames:
        return pd.DataFrame(columns=_FIGURE), []
    made, issues = frames[0], []
    for other in frames[1:]:
        both = made.merge(other, on=figures.KEY, suffixes=("", "_other"))
        both = both.dropna(subset=["value", "value_other"])
        gap = (both["value"] - both["value_other"]).abs()
        apart = both[gap > 1e-9 * both["value"].abs().clip(lower=1.0)]
        if len(apart):
            first = apart.iloc[0]
            source = str(first["source_id_other"])
            name = " ".join(str(first[key]) for key in figures.KEY[1:])
            ledger = Ledger(source, stock.snapshots[source].file)
            ledger.warn(
                "sources_disagree",
                f"{len(apart)} valeurs de {variable.name.fr} diffèrent de {first['source_id']}, "
                f"qui l’emporte ; la première : {name}, {first['value_other']:g} "
                f"au lieu de {first['value']:g}",
                f"{len(apart)} values of {variable.name.en} differ from {first['source_id']}, "
                f"which stands; the first: {name}, {first['value_other']:g} "
                f"instead of {first['value']:g}",
                column=variable.id,
                rows=len(apart),
            )
            issues += ledger.issues
        known = pd.MultiIndex.from_frame(made[figures.KEY])
        is_new = ~pd.MultiIndex.from_frame(other[figures.KEY]).isin(known)
        made = pd.concat([made, other[is_new]], ignore_index=True)
    return made, issues


def _coverage(
    service: ServiceCategory,
    by_variable: Mapping[str, Step],
    territory: Step,
    areas: pd.DataFrame,
    members: pd.DataFrame,
    words: Catalogue,
    steps: Steps,
) -> Step:
    read = list(dict.fromkeys(by_variable[v] for v in (*service.supply, service.demand)))

    def make() -> Made:
        frames = [step.frame("figure") for step in read]
        made, issues = coverage.coverages(
            pd.concat(frames, ignore_index=True), areas, members, service, words
        )
        return {"coverage": made}, {"issues": [asdict(issue) for issue in issues]}

    keys = [repr(service), repr(words.territory), territory.key, *(step.key for step in read)]
    return steps.step(f"coverage {service.id}", keys, make)


def _observed(
    indicator: Indicator,
    by_variable: Mapping[str, Step],
    coverages: Mapping[str, Step],
    territory: Step,
    words: Catalogue,
    steps: Steps,
) -> Step | None:
    """The observations of one indicator; None when nothing feeds it."""
    if indicator.coverage is not None:
        if indicator.coverage.service not in coverages:
            return None
        read = [coverages[indicator.coverage.service]]
    else:
        named = [*indicator.numerator, *indicator.denominator]
        named += [indicator.variable] if indicator.variable else []
        if not set(named) <= set(by_variable):
            return None
        read = list(dict.fromkeys(by_variable[name] for name in named))

    def make() -> Made:
        table = "coverage" if indicator.coverage is not None else "figure"
        frame = pd.concat([step.frame(table) for step in read], ignore_index=True)
        areas = territory.frame("area")
        return {"observation": compute.observations(indicator, frame, areas, words)}, {}

    keys = [repr(indicator), repr(words.territory), territory.key, *(step.key for step in read)]
    return steps.step(f"indicator {indicator.id}", keys, make)


def _tiles(areas: pd.DataFrame, words: Catalogue) -> pd.DataFrame:
    territory = words.territory
    try:
        return tiles.tiles(
            _drawn(areas),
            territory.metric_crs,
            first_zoom={level.id: level.first_zoom for level in territory.levels},
            min_zoom=territory.tile_zooms[0],
            max_zoom=territory.tile_zooms[1],
        )
    except tiles.CoverageError as error:
        entry = next(e for e in words.sources.values() if e.is_territory)
        raise Ledger(entry.id, entry.file or entry.id).reject(
            "not_a_coverage",
            f"les contours se chevauchent ou ne se touchent pas ({error})",
            f"contours overlap or do not share their edges ({error})",
            column="geometry",
            mend_fr="Fournir des contours qui partagent leurs limites.",
            mend_en="Bring contours that share their edges.",
        ) from error


def _drawn(areas: pd.DataFrame) -> gpd.GeoDataFrame:
    """The areas that have a contour, as the tile builder takes them."""
    with_contour = areas.dropna(subset="geometry")
    frame = with_contour[["level", "area_id", "name", "fid"]].assign(
        is_in_territory=with_contour["role"] == "territory"
    )
    contours = gpd.GeoSeries.from_wkb(with_contour["geometry"], crs="EPSG:4326")
    return gpd.GeoDataFrame(frame, geometry=contours)


def _issues(step: Step) -> list[Issue]:
    return [
        Issue(**{**row, "severity": Severity(row["severity"])})
        for row in step.account.get("issues", ())
    ]
