"""The figures of each variable, from all the sources that tell them: a step each."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass

import pandas as pd

from etl import figures
from etl.codes import among
from etl.counted import counted_figures, warn_of_unplaced
from etl.recovery import check_recovery
from etl.source import Ledger
from etl.staging import Stock, key_of
from etl.steps import Made, Step, Steps, hashed
from geodata.catalogue.nouns import Catalogue, Variable
from geodata.model import Issue, Status

_FIGURE = ["variable", "level", "area_id", "period", "value", "status", "source_id"]
#: What a step's account says of the variables that have figures of the finest areas.
FINEST = "finest"
#: What a step's account says of its figures: the latest period of all.
LATEST = "latest"


@dataclass(frozen=True, slots=True)
class Ground:
    """The areas, every membership, the memberships of the territory's own finest areas (``own``),
    and what these make up, asked once for the sums of every variable.
    """

    areas: pd.DataFrame
    membership: pd.DataFrame
    own: pd.DataFrame
    parts: figures.Parts


def ground_of(areas: pd.DataFrame, membership: pd.DataFrame, words: Catalogue) -> Ground:
    """The ground of a territory, from the tables of its areas and memberships."""
    finest = words.territory.finest_level
    ours = areas.loc[(areas["level"] == finest) & (areas["role"] == "territory"), "area_id"]
    members = membership[membership["level"] == finest]
    own = members[among(members["area_id"], ours)]
    return Ground(areas, membership, own, figures.parts_of(own))


def variable_steps(
    stock: Stock,
    ground: Ground,
    words: Catalogue,
    steps: Steps,
    progress: Callable[[str, float], None],
) -> dict[str, Step]:
    """The step that holds the figures of each variable that some source feeds.

    A variable and those derived from it share a step. ``progress`` is told each, from 0 to 1.
    """
    families = {v.id: _family(v, words) for v in words.variables.values() if v.window_of is None}
    fed = {name: f for name, f in families.items() if any(s in stock.sources for s in f[0].sources)}
    made: dict[str, Step] = {}
    for number, (name, family) in enumerate(fed.items()):
        progress(f"figures {name}", number / len(fed))
        step = steps.step(
            f"figures {name}",
            [hashed(*(key_of(stock, words, v.id) for v in family)), _additivity(family)],
            lambda family=family: _figures(family, stock, ground, words),  # type: ignore[misc]
        )
        made |= dict.fromkeys((v.id for v in family), step)
    return made


def _family(variable: Variable, words: Catalogue) -> list[Variable]:
    """A variable and those derived from it."""
    return [variable, *(v for v in words.variables.values() if v.window_of == variable.id)]


def _additivity(family: Iterable[Variable]) -> str:
    return repr([(v.id, v.additivity) for v in family])


def _figures(family: list[Variable], stock: Stock, ground: Ground, words: Catalogue) -> Made:
    """The figures of a variable and of those derived from it, completed by sums of parts."""
    base = family[0]
    read = {name: stock.sources[name] for name in base.sources if name in stock.sources}
    ledgers = {name: Ledger(name, stock.snapshots[name].file) for name in read}
    frames = [
        _read_figures(step, base, ground, words, ledgers[name]) for name, step in read.items()
    ]
    published, issues = merged_figures([x for x in frames if x is not None], base, stock)
    issues = [*(issue for ledger in ledgers.values() for issue in ledger.issues), *issues]
    issues += _recoverable(published, base, stock, ground, words)
    published = pd.concat([published, figures.derived_figures(published, words)])
    published = published.reset_index(drop=True)
    sums = figures.sums_of_parts(published, ground.parts, words)
    tables = {
        "figure": figures.completed_figures(published, sums),
        "reconciliation": figures.reconciliations(published, sums),
    }
    fine = tables["figure"]["level"] == words.territory.finest_level
    told = sorted(str(name) for name in tables["figure"].loc[fine, "variable"].unique())
    latest = str(tables["figure"]["period"].max()) if len(tables["figure"]) else ""
    account = {"issues": [asdict(issue) for issue in issues], FINEST: told, LATEST: latest}
    return tables, account


def _recoverable(
    published: pd.DataFrame, variable: Variable, stock: Stock, ground: Ground, words: Catalogue
) -> list[Issue]:
    """What the figures give away of those that they withhold."""
    profile = words.profile(variable.id)
    sources = published.loc[published["status"] == Status.SUPPRESSED, "source_id"]
    if profile is None or sources.empty:
        return []
    source = str(sources.iloc[0])
    ledger = Ledger(source, stock.snapshots[source].file)
    check_recovery(
        published, ground.areas, ground.membership, variable, profile, words.territory, ledger
    )
    return ledger.issues


def _read_figures(
    step: Step, variable: Variable, ground: Ground, words: Catalogue, ledger: Ledger
) -> pd.DataFrame | None:
    """What one source gives of a variable; None when it gives nothing."""
    counted = variable.counted
    if counted is None:
        if "figure" not in step.tables:
            return None
        return step.rows("figure", "variable", variable.id).reindex(columns=_FIGURE)
    if counted.table not in step.tables:
        return None
    rows = ground.areas if counted.table == "area" else step.frame(counted.table)
    warn_of_unplaced(variable, rows, ledger)
    return counted_figures(variable, rows, ground.membership, words.territory, step.name)


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
