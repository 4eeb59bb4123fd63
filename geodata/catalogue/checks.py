"""Whether the entries of a catalogue name what it holds, and say what they need."""

from __future__ import annotations

from geodata.catalogue.entry import CatalogueError, check_known
from geodata.catalogue.nouns import Catalogue, Indicator, Variable
from geodata.catalogue.services import check_service
from geodata.model import Chance

METHODS = ("ratio", "published", "coverage")
#: What an indicator may read of the engine's results.
MEASURES = ("coverage", "unmet_rate", "gap_rate")
#: Tables in which a variable may be counted, beside ``figure``.
COUNTED_IN = ("area", "equipment", "service")


def _check_dominance(variable: Variable, made: Catalogue) -> None:
    """One contributor's share is for producers to look at; counts of own records do not."""
    profile = made.profiles[str(variable.disclosure)]
    ours = [name for name in variable.sources if made.sources[name].is_record_level]
    if ours and profile.dominance is not None:
        raise CatalogueError(
            f"variables.toml, [{variable.id}]: the profile {profile.id} asks for dominance, which "
            f"counts of {ours[0]} do not apply; name another profile."
        )


def check_references(made: Catalogue, levels: set[str]) -> None:
    """Raise CatalogueError when an entry names something the catalogue does not hold."""
    territory = made.territory
    check_known("territory", "sources", territory.sources, made.sources)
    check_known("territory", "middle_level", (territory.middle_level,), levels)
    check_known("territory", "country_parts_level", (territory.country_parts_level,), levels)
    check_known("territory", "deprivation", territory.deprivation, made.indicators)
    for source in made.sources.values():
        check_known("sources", source.id, source.needs, made.sources)
        check_known("sources", source.id, source.small_counts_at, levels)
    for variable in made.variables.values():
        check_known("variables", variable.id, variable.sources, made.sources)
        if variable.window_of is not None:
            check_known("variables", variable.id, (variable.window_of,), made.variables)
        if variable.disclosure is not None:
            check_known("variables", variable.id, (variable.disclosure,), made.profiles)
            _check_dominance(variable, made)
        if variable.counted is not None:
            check_known("variables", variable.id, (variable.counted.table,), COUNTED_IN)
    for indicator in made.indicators.values():
        _check_indicator(indicator, made, levels)
    for priority in made.priorities.values():
        check_known("priorities", priority.id, priority.levels, levels)
    for service in made.services.values():
        check_service(service, made, levels)
    for awaited in made.awaited.values():
        check_known("awaited", awaited.id, (awaited.theme,), made.themes)
        check_known("awaited", awaited.id, awaited.levels, levels)
    for chosen in made.neighbours.values():
        check_known("neighbours", chosen.id, chosen.levels, levels)


def _check_indicator(indicator: Indicator, made: Catalogue, levels: set[str]) -> None:
    where = ("indicators", indicator.id)
    check_known(*where, (indicator.theme,), made.themes)
    check_known(*where, indicator.levels, levels)
    check_known(*where, (indicator.method,), METHODS)
    check_known(*where, (*indicator.numerator, *indicator.denominator), made.variables)
    complete = {
        "ratio": bool(indicator.numerator and indicator.denominator),
        "published": indicator.variable is not None,
        "coverage": indicator.coverage is not None,
    }
    if not complete[indicator.method]:
        raise CatalogueError(f"indicators.toml, [{indicator.id}]: {indicator.method} lacks a part")
    for said, variables in (("counted", indicator.numerator), ("out_of", indicator.denominator)):
        units = {made.variables[variable].unit for variable in variables}
        if len(units) > 1 and getattr(indicator, said) is None:
            raise CatalogueError(
                f"indicators.toml, [{indicator.id}]: units differ, {said} must say it"
            )
        if not units and getattr(indicator, said) is not None:
            raise CatalogueError(f"indicators.toml, [{indicator.id}]: {said} has nothing to count")
    _check_chance(indicator, made)
    for item in indicator.breaks:
        check_known(*where, item.levels, levels)
    if indicator.variable is not None:
        check_known(*where, (indicator.variable,), made.variables)
    if indicator.coverage is not None:
        check_known(*where, (indicator.coverage.service,), made.services)
        check_known(*where, (indicator.coverage.measure,), MEASURES)
        standards = [s.id for s in made.services[indicator.coverage.service].standards]
        check_known(*where, (indicator.coverage.standard,), standards)


def _check_chance(indicator: Indicator, made: Catalogue) -> None:
    """Raise CatalogueError where the interval would take the numerator for what it is not."""
    if indicator.chance is Chance.NONE:
        return
    fault = ""
    if indicator.method != "ratio":
        fault = f"chance {indicator.chance} needs a ratio"
    elif indicator.chance is Chance.PROPORTION:
        above, below = (
            {made.variables[name].unit for name in names}
            for names in (indicator.numerator, indicator.denominator)
        )
        if indicator.out_of is None and above != below:
            fault = "a proportion is a part of a whole: out_of says which, where units differ"
    if fault:
        raise CatalogueError(f"indicators.toml, [{indicator.id}]: {fault}")
