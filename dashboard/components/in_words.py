"""How a figure is computed, in one sentence that a reader may check."""

from __future__ import annotations

from dashboard.pages import View
from geodata.catalogue.nouns import Indicator


def method_words(view: View, indicator: Indicator) -> str:
    """The computation of an indicator: its terms by name, or the engine and what it was told."""
    words, variables = view.words, view.catalogue.variables
    if indicator.coverage is not None:
        service = view.catalogue.services[indicator.coverage.service]
        standard = service.standard(indicator.coverage.standard)
        return words(
            f"methods.engine_{indicator.coverage.measure}",
            service=words.of(service.name),
            standard=words.of(standard.name),
            method=words(f"methods.method_{service.method}"),
        )
    if indicator.variable is not None:
        name = words.of(variables[indicator.variable].name)
        return words("methods.as_published", name=name)
    above, below = (
        " + ".join(words.of(variables[name].name) for name in names)
        for names in (indicator.numerator, indicator.denominator)
    )
    if indicator.denominator_period is not None:
        below = words("methods.of_period", name=below, period=indicator.denominator_period)
    if indicator.per == 1:
        return words("methods.over", above=above, below=below)
    return words("methods.per_over", per=words.number(indicator.per), above=above, below=below)
