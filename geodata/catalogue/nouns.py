"""What the catalogue's text becomes: frozen descriptions, checked by `loader`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import PurePosixPath
from typing import Any

from geodata.methods.composite import Recipe
from geodata.methods.decay import Decay
from geodata.model import (
    Additivity,
    AreaKey,
    CareStep,
    Chance,
    Direction,
    PeriodKind,
    Sector,
    ServiceMethod,
    ServiceMode,
    StandardKind,
)


@dataclass(frozen=True, slots=True)
class Text:
    """The same words in the languages of the interface, French first."""

    fr: str
    en: str

    def words(self, language: str) -> str:
        """The words in one language: ``fr`` or ``en``."""
        return self.en if language == "en" else self.fr


@dataclass(frozen=True, slots=True)
class Theme:
    """A chapter of the indicator selector."""

    id: str
    name: Text


@dataclass(frozen=True, slots=True)
class DisclosureProfile:
    """How counts that could expose somebody are protected.

    A count from 1 to ``smallest`` - 1 is never shown; nor is 0 where ``is_zero_sensitive``, as it
    tells something of everybody. ``dominance`` is the share of a total above which one contributor
    would be told by it; None where contributors are persons and count one. What is published must
    leave a protected count x an interval of max(``smallest`` - 1, ``share`` x) or more. A rate is
    shown among ``fewest_people`` or more.
    """

    id: str
    name: Text
    smallest: int
    dominance: float | None = None
    share: float = 0.0
    is_zero_sensitive: bool = False
    fewest_people: int = 0


@dataclass(frozen=True, slots=True)
class SourceEntry:
    """A file the refresh reads: where it comes from and which reader understands it.

    ``file`` is the one carried with the project, if any; ``published_as`` are the names (with
    wildcards) under which its producer publishes it. ``needs`` are sources that are read before.
    ``met`` says whether the reader has met the real file or only its documented layout.
    """

    id: str
    reader: str
    name: Text
    file: str | None = None
    published_as: tuple[str, ...] = ()
    address: str | None = None
    needs: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    met: str = "real"
    schedule: str | None = None
    is_record_level: bool = False
    #: Whether it says what the areas are; such sources are read before all others.
    is_territory: bool = False
    largest_bytes: int = 512 * 1024 * 1024
    #: Columns (names, or patterns) that say publicly how to reach a service: telephones, mail...
    public_contacts: tuple[str, ...] = ()
    #: Levels at which its producer itself publishes counts of persons under the threshold.
    small_counts_at: tuple[str, ...] = ()
    #: Who made it, of when, under what licence, when no passport lies beside the file.
    passport: Mapping[str, str] = field(default_factory=dict)

    @property
    def suffix(self) -> str:
        """What a file of this source ends with: that of the first name it is known under."""
        known = self.file or (self.published_as[0] if self.published_as else "")
        return PurePosixPath(known).suffix


@dataclass(frozen=True, slots=True)
class Counted:
    """A variable that is counted in another table of the release than ``figure``.

    ``table`` is ``area`` (a column of the areas themselves, of one ``period``), ``equipment`` (how
    many of a category) or ``service`` (the register: the places of a category, or where
    ``counts_places`` is false how many services there are).
    """

    table: str
    category: str = ""
    column: str = ""
    period: str = ""
    counts_places: bool = True


@dataclass(frozen=True, slots=True)
class Variable:
    """What a figure counts.

    ``sources`` are the sources it is read from, the most trusted first: where two give the same
    figure, the first one stands. None for a variable derived from another.
    """

    id: str
    sources: tuple[str, ...]
    name: Text
    unit: Text
    period_kind: PeriodKind
    additivity: Additivity
    minimum: float
    is_whole: bool
    window_of: str | None = None
    window_years: int = 1
    counted: Counted | None = None
    #: Id of the profile that protects it, where it counts persons or households in such a case.
    disclosure: str | None = None


@dataclass(frozen=True, slots=True)
class CoverageMeasure:
    """Which result of the catchment engine an indicator reads."""

    service: str
    standard: str
    measure: str


@dataclass(frozen=True, slots=True)
class Break:
    """From ``period`` on a series means something else: values on both sides do not compare.

    Only at ``levels``, where some are named: a producer may change what it does for small areas.
    """

    period: str
    why: Text
    levels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Indicator:
    """The dated meaning of a figure; ``method`` names the tested function that computes it."""

    id: str
    theme: str
    code: str
    name: Text
    short: Text
    unit: Text
    decimals: int
    definition: Text
    limits: Text
    direction: Direction
    sector: Sector
    care_step: CareStep
    kind: str
    levels: tuple[str, ...]
    notices: tuple[str, ...]
    method: str
    numerator: tuple[str, ...] = ()
    denominator: tuple[str, ...] = ()
    denominator_period: str | None = None
    per: float = 1.0
    variable: str | None = None
    coverage: CoverageMeasure | None = None
    is_signed: bool = False
    #: What is counted and, for a share, out of what, where the units of the variables do not say.
    counted: Text | None = None
    out_of: Text | None = None
    #: What its interval takes the numerator for: cases among people, a part of a whole, or neither.
    chance: Chance = Chance.NONE
    #: Since when it means what it says here; None where an officer's description does not say.
    defined_on: date | None = None
    breaks: tuple[Break, ...] = ()

    def breaks_at(self, level: str) -> tuple[Break, ...]:
        """The breaks of its series at a level, in the order of their periods."""
        there = (x for x in self.breaks if not x.levels or level in x.levels)
        return tuple(sorted(there, key=lambda x: x.period))


@dataclass(frozen=True, slots=True)
class Awaited:
    """An indicator that is described and that nothing feeds yet; ``fed_by`` says what would."""

    id: str
    theme: str
    code: str
    name: Text
    definition: Text
    numerator: Text
    denominator: Text | None
    unit: Text
    limits: Text
    fed_by: Text
    direction: Direction
    sector: Sector
    care_step: CareStep
    kind: str
    levels: tuple[str, ...]
    defined_on: date


@dataclass(frozen=True, slots=True)
class NeighbourSet:
    """What areas are alike by: indicators that describe them, and never their services.

    Each is standardised, cut at ``winsorised_at`` standard deviations, and weighed. Those
    ``in_logs`` are counts: log(1 + x) is taken, for which twice as many is as far everywhere.
    """

    id: str
    name: Text
    definition: Text
    levels: tuple[str, ...]
    described_by: tuple[tuple[str, float], ...]
    count: int
    winsorised_at: float
    declared_on: date
    in_logs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Standard:
    """A dated number of places per person (tau) that need is measured by.

    ``reference`` is what the country has, from its parts; ``fixed`` is as declared in ``value``;
    ``comparative`` is what the other parts of the country have, never the part judged. A reference
    may declare the value that the whole country gave, for a territory that does not hold the
    figures of all of its parts. ``error`` is the share that a fixed or reference standard may be
    off by.
    """

    id: str
    kind: StandardKind
    period: str
    name: Text
    value: float | None = None
    error: float = 0.0


@dataclass(frozen=True, slots=True)
class ServiceCategory:
    """How a category of service works, is reached, counted and judged.

    ``demand`` counts those it is meant for, in ``demand_period`` where that is not the period of
    its places; with ``use_rates`` they are counted by age instead, each age by its use. Rates are
    given ``per`` so many of them. A service that works at homes over a whole area (``mode``
    catchment) is shared out within ``service_area``, a level, whatever the distance: where its
    office stands says nothing. One that is itinerant is there ``week_share`` of the week. One that
    is remote is within everyone's reach.
    """

    id: str
    name: Text
    capacity_unit: Text
    supply: tuple[str, ...]
    demand: str | None
    periods: tuple[str, ...]
    sector: Sector
    care_step: CareStep
    mode: ServiceMode
    method: ServiceMethod
    decay: Decay | None
    declared_on: date
    standards: tuple[Standard, ...]
    per: float = 100.0
    demand_period: str | None = None
    service_area: str | None = None
    week_share: float = 1.0
    #: Share that the places of each area may be off by, as declared: 0 where they are exact.
    capacity_error: float = 0.0
    #: Variables of people by age, and the use that a person of each makes: for ``apl``.
    use_rates: tuple[tuple[str, float], ...] = ()

    @property
    def people(self) -> tuple[str, ...]:
        """The variables that count those it is meant for."""
        if self.use_rates:
            return tuple(name for name, _rate in self.use_rates)
        return () if self.demand is None else (self.demand,)

    @property
    def variables(self) -> tuple[str, ...]:
        """What it is computed from: its places and those it is meant for."""
        return tuple(dict.fromkeys((*self.supply, *self.people)))

    @property
    def threshold_minutes(self) -> float | None:
        """The longest trip that counts, in minutes; None where distance does not count."""
        return None if self.decay is None else self.decay.threshold

    def demand_period_for(self, period: str) -> str:
        """The period whose people stand beside the places of a period."""
        return self.demand_period or period

    def standard(self, standard_id: str) -> Standard:
        """The standard of this id; KeyError when unknown."""
        for standard in self.standards:
            if standard.id == standard_id:
                return standard
        raise KeyError(standard_id)


@dataclass(frozen=True, slots=True)
class Priority:
    """An order of areas made of several indicators; ``recipe`` names them and their weights.

    An area is among the first when it is among the ``top_share`` of its level.
    """

    id: str
    name: Text
    definition: Text
    levels: tuple[str, ...]
    recipe: Recipe
    top_share: float
    declared_on: date


@dataclass(frozen=True, slots=True)
class Level:
    """A rung of the territory, from the finest to the whole.

    ``pattern`` is the regular expression of a well-formed code of the level, ``own`` that of the
    codes that belong to the observed territory: those must be known. The map draws the level from
    ``first_zoom`` on, and its outline above the others when ``is_outline``.
    """

    id: str
    name: Text
    one: Text
    pattern: str = ""
    own: str = ""
    first_zoom: int = 3
    is_outline: bool = False


@dataclass(frozen=True, slots=True)
class Pace:
    """How many times as long trips are taken to last in areas that have one of these codes."""

    id: str
    trait: str
    codes: tuple[str, ...]
    factor: float
    #: The factor of winter: multiplies the other one when winter is asked for, never by default.
    winter_factor: float = 1.0


@dataclass(frozen=True, slots=True)
class Travel:
    """How long a trip is taken to last, as a declared estimate.

    ``paces`` say where roads are slow; each counts only where the trait it names is loaded.
    """

    method: str
    detour_factor: float
    speed_kmh: float
    error_share: float
    declared_on: date
    paces: tuple[Pace, ...] = ()


@dataclass(frozen=True, slots=True)
class Territory:
    """The territory observed: its whole, its levels, what stands beside it, its roads."""

    id: str
    name: Text
    area: AreaKey
    country: AreaKey
    country_name: Text
    neighbours: tuple[str, ...]
    metric_crs: str
    default_level: str
    #: The level between the finest and the whole that people know best.
    middle_level: str
    #: The level whose areas make the country up.
    country_parts_level: str
    #: The sources that are read, in reading order.
    sources: tuple[str, ...]
    bounds: tuple[float, float, float, float]
    comparison_bounds: tuple[float, float, float, float]
    levels: tuple[Level, ...]
    travel: Travel
    #: Code of a part that is counted with another area of the finest level -> that area.
    parts: Mapping[str, str] = field(default_factory=dict)
    #: Text that producers of the country write in place of a figure -> its status.
    marks: Mapping[str, str] = field(default_factory=dict)
    #: Metric reference system by beginning of a finest code, where it is not ``metric_crs``.
    metric_zones: Mapping[str, str] = field(default_factory=dict)
    #: Ground of another country inside this one, by name: longitude and latitude of a point of it.
    enclaves: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    time_zone: str = "UTC"
    #: First and last zoom that tiles are built for; the map enlarges the last one beyond.
    tile_zooms: tuple[int, int] = (3, 11)
    #: Indicators that tell how deprived areas are: they rank those of a level that has the first.
    deprivation: tuple[str, ...] = ()

    def level(self, level_id: str) -> Level:
        """The level of this id; KeyError when unknown."""
        for level in self.levels:
            if level.id == level_id:
                return level
        raise KeyError(level_id)

    @property
    def finest_level(self) -> str:
        """The level whose areas carry demand and supply."""
        return self.levels[0].id


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything the project means, for one territory. ``sha256`` changes with any of its text."""

    territory: Territory
    themes: dict[str, Theme]
    profiles: dict[str, DisclosureProfile]
    sources: dict[str, SourceEntry]
    variables: dict[str, Variable]
    indicators: dict[str, Indicator]
    services: dict[str, ServiceCategory]
    priorities: dict[str, Priority]
    awaited: dict[str, Awaited]
    neighbours: dict[str, NeighbourSet]
    sha256: str

    def profile(self, variable_id: str) -> DisclosureProfile | None:
        """What protects a variable; None when nothing in it could expose somebody."""
        variable = self.variables[variable_id]
        base = self.variables[variable.window_of] if variable.window_of else variable
        named = variable.disclosure or base.disclosure
        return None if named is None else self.profiles[named]

    @property
    def default_indicator(self) -> Indicator:
        """The indicator the first page opens on: the first of the catalogue."""
        return next(iter(self.indicators.values()))

    def period_kind(self, indicator: Indicator) -> PeriodKind:
        """What a period of this indicator is: that of what it counts."""
        if indicator.variable is not None:
            return self.variables[indicator.variable].period_kind
        if indicator.coverage is not None:
            supply = self.services[indicator.coverage.service].supply
            return self.variables[supply[0]].period_kind
        return self.variables[indicator.numerator[0]].period_kind

    def sources_of(self, indicator: Indicator) -> tuple[str, ...]:
        """Ids of the territory's sources an indicator may draw from, in order, each once."""
        variables = [*indicator.numerator, *indicator.denominator]
        if indicator.variable is not None:
            variables.append(indicator.variable)
        if indicator.coverage is not None:
            variables += self.services[indicator.coverage.service].variables
        return self.sources_of_variables(variables)

    def sources_of_variables(self, variables: Iterable[str]) -> tuple[str, ...]:
        """Ids of the territory's sources that variables may be read from, in order, each once."""
        found: dict[str, None] = {}
        for variable_id in variables:
            variable = self.variables[variable_id]
            base = self.variables[variable.window_of] if variable.window_of else variable
            found |= dict.fromkeys(x for x in base.sources if x in self.territory.sources)
        return tuple(found)
