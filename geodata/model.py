"""The nouns of the observatory. Pure: no database, no web, no file."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntFlag, StrEnum


class Status(StrEnum):
    """Why a value is what it is (after SDMX CL_OBS_STATUS); it travels with every value.

    The last three carry no value: they are three different silences, none of which is zero.
    """

    OBSERVED = "observed"
    ESTIMATED = "estimated"
    IMPUTED = "imputed"
    SUPPRESSED = "suppressed"
    MISSING = "missing"
    NOT_APPLICABLE = "not_applicable"

    @property
    def has_value(self) -> bool:
        """Whether an observation of this status carries a number."""
        return self in (Status.OBSERVED, Status.ESTIMATED, Status.IMPUTED)


#: Byte written for each status in the positional value arrays sent to the map.
STATUS_CODES: dict[Status, int] = {status: code for code, status in enumerate(Status)}
#: Byte for an area drawn for orientation only, outside the territory: never ranked or exported.
OUTSIDE_CODE = len(STATUS_CODES)


class Flag(IntFlag):
    """What weakens a value, told beside it: in the data, on the map and in words.

    FRAGILE: fewer people than the producer trusts. ESTIMATED and IMPUTED: as the status says.
    ROUNDED: by its producer, before it came here. BOUNDARY_BREAK: its area was drawn otherwise
    when it was counted. STALE: older than its producer publishes. SERIES_BREAK: it means something
    else than the value of the period before.
    """

    FRAGILE = 1
    ESTIMATED = 2
    IMPUTED = 4
    ROUNDED = 8
    BOUNDARY_BREAK = 16
    STALE = 32
    SERIES_BREAK = 64


#: People: INSEE calls the census figures of areas under this size fragile, and asks not to compare
#: them (documentation of the census, "précautions d'emploi" of figures of small areas).
FRAGILE_UNDER = 200


class Chance(StrEnum):
    """What the interval of a ratio takes its numerator for.

    RATE: cases among people (Byar; exact Poisson under 10). PROPORTION: a part of a whole (Wilson).
    """

    NONE = "none"
    RATE = "rate"
    PROPORTION = "proportion"


class Standing(StrEnum):
    """Where a value lies in the funnel of its benchmark (limits of 95 % and 99.8 %)."""

    MUCH_LOWER = "much_lower"
    LOWER = "lower"
    WITHIN = "within"
    HIGHER = "higher"
    MUCH_HIGHER = "much_higher"


class Withheld(StrEnum):
    """Why a figure is masked: small, a zero that tells, all of a whole, few people, or to guard
    others.

    Which of these it is bounds the figure. A release says only that there are few people, which
    everybody can count, or else that it is protected.
    """

    SMALL = "small"
    ZERO = "zero"
    FEW_PEOPLE = "few_people"
    SECONDARY = "secondary"
    PROTECTED = "protected"

    @property
    def told(self) -> Withheld:
        """What a release says of it."""
        return self if self is Withheld.FEW_PEOPLE else Withheld.PROTECTED


class Direction(StrEnum):
    """How to read a higher value."""

    WORSE = "worse"
    BETTER = "better"
    NEUTRAL = "neutral"


class Sector(StrEnum):
    """Which partner the figure speaks to."""

    EARLY_CHILDHOOD = "early_childhood"
    SOCIAL = "social"
    HEALTH = "health"
    EDUCATION = "education"
    JUSTICE = "justice"
    EMPLOYMENT = "employment"
    HOUSING = "housing"


class CareStep(StrEnum):
    """The link of the care chain a figure belongs to."""

    CONTEXT = "context"
    UNIVERSAL_PREVENTION = "universal_prevention"
    TARGETED_PREVENTION = "targeted_prevention"
    DETECTION = "detection"
    ASSESSMENT = "assessment"
    HOME_SUPPORT = "home_support"
    PLACEMENT = "placement"
    AFTER_CARE = "after_care"


class ServiceMode(StrEnum):
    """Where a service meets those it is meant for."""

    PLACE = "place"
    CATCHMENT = "catchment"
    ITINERANT = "itinerant"
    REMOTE = "remote"


class ServiceMethod(StrEnum):
    """How a service is shared out among those it is meant for.

    ``2sfca``, ``e2sfca`` and ``3sfca`` are the catchment methods; ``apl`` is ``e2sfca`` over
    people counted by the use of their age; ``allocation`` gives places one by one as well as can
    be; ``within`` asks only whether there is one within the threshold. ``none``: it is told of.
    """

    TWO_STEP = "2sfca"
    ENHANCED = "e2sfca"
    THREE_STEP = "3sfca"
    APL = "apl"
    ALLOCATION = "allocation"
    WITHIN = "within"
    NONE = "none"


class StandardKind(StrEnum):
    """Where the places per person that need is measured by come from."""

    FIXED = "fixed"
    REFERENCE = "reference"
    COMPARATIVE = "comparative"


class PeriodKind(StrEnum):
    """What a period written as a year really is."""

    YEAR = "year"
    ON_31_DECEMBER = "on_31_december"
    SCHOOL_YEAR = "school_year"
    CENSUS_VINTAGE = "census_vintage"
    ON_DAY = "on_day"


class Additivity(StrEnum):
    """Whether the values of the parts add up to the value of the whole.

    EXACT: they do. ROUNDED: only up to the producer's rounding or attribution. NO: never sum.
    """

    EXACT = "exact"
    ROUNDED = "rounded"
    NO = "no"


class Severity(StrEnum):
    """What an issue does to a refresh."""

    REJECT = "reject"
    HOLD = "hold"
    QUARANTINE = "quarantine"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True, order=True)
class AreaKey:
    """An area is known by its level and its official code, never by its name."""

    level: str
    area_id: str


@dataclass(frozen=True, slots=True)
class Issue:
    """Something a source got wrong: where it stands and how to mend it.

    ``line`` counts from 1 with the header; both ``line`` and ``column`` may be None when the
    whole file is concerned. ``sample`` is shown, so it never holds a record-level value.
    """

    source_id: str
    severity: Severity
    code: str
    message_fr: str
    message_en: str
    mend_fr: str = ""
    mend_en: str = ""
    file: str = ""
    line: int | None = None
    column: str | None = None
    sample: str = ""
    rows: int = 1

    def text(self, language: str) -> str:
        """One line naming the file, the line, the column, what is wrong, and the mend."""
        french = language == "fr"
        where = [self.file or self.source_id]
        if self.line is not None:
            where.append(f"ligne {self.line}" if french else f"line {self.line}")
        if self.column is not None:
            where.append(f"colonne {self.column}" if french else f"column {self.column}")
        message = self.message_fr if french else self.message_en
        mend = self.mend_fr if french else self.mend_en
        colon = " : " if french else ": "
        return f"{', '.join(where)}{colon}{message}" + (f" → {mend}" if mend else "")


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks. Every question to the data carries one; outside its territories it gets nothing."""

    id: str
    role: str
    territories: tuple[str, ...] = field(default=())

    def may_read(self, territory_id: str) -> bool:
        """Whether this principal may read the given territory (fails closed)."""
        return territory_id in self.territories
