"""Layout: how a file is laid out and what it becomes, as frozen data."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from etl.reading import Dialect
from geodata.model import Status

_YEAR = {"{yyyy}": "((?:19|20)[0-9]{2})", "{yy}": "([0-9]{2})"}


def _none() -> Mapping[str, Any]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Measure:
    """What one column counts: a variable, at a period, written with a decimal sign."""

    variable: str
    period: str
    decimal: str


@dataclass(frozen=True, slots=True)
class Layout:
    """How a file is laid out and what it becomes. Columns are named as in the file."""

    format: str
    makes: str
    #: How a delimited text is written.
    dialect: Dialect = field(default_factory=Dialect)
    #: The sheet of a workbook, the line of its header, how many lines of units stand under it.
    sheet: str = ""
    header_line: int | None = None
    unit_lines: int = 0
    #: The layer of a GeoPackage that has several; what its features are; their reference system.
    layer: str | None = None
    kind: str = "polygon"
    crs: str | None = None
    #: The column of the codes, and their level: one, or after the words of a column, or the first
    #: of several whose codes are written so.
    area_column: str = ""
    level: str = ""
    level_column: str = ""
    levels: Mapping[str, str] = field(default_factory=_none)
    mixed_levels: tuple[str, ...] = ()
    #: The date (or year) of the codes; empty: those of the release.
    edition: str | None = None
    parts: str = "refused"
    #: Column -> the texts of the rows that are asked for; other rows are dropped.
    only: Mapping[str, tuple[str, ...]] = field(default_factory=_none)
    decimal: str = "."
    grouping: str = ""
    marks: Mapping[str, Status] = field(default_factory=_none)
    #: A column that says why a figure is absent, and what its texts mean.
    status_column: str = ""
    statuses: Mapping[str, Status] = field(default_factory=_none)
    period: str = ""
    period_column: str = ""
    grammar: str = "year"
    #: Wide: one column for each quantity. A name may hold {yyyy} or {yy}, the period's year.
    columns: Mapping[str, Measure] = field(default_factory=_none)
    #: Long: one row for each figure; a variable for each text of a column, or one for all.
    value_column: str = ""
    variable_column: str = ""
    variables: Mapping[str, str] = field(default_factory=_none)
    variable: str = ""
    #: Services, and equipment.
    id_column: str = ""
    name_column: str = ""
    latitude_column: str = ""
    longitude_column: str = ""
    capacity_column: str = ""
    capacity_unit: str = ""
    category: str = ""
    category_column: str = ""
    categories: Mapping[str, str] = field(default_factory=_none)
    equipment_code: str = ""
    code_column: str = ""
    count_column: str = ""

    @property
    def is_wide(self) -> bool:
        """Whether each quantity has a column of its own."""
        return bool(self.columns)

    @property
    def has_years(self) -> bool:
        """Whether some columns are named by a year, so that the header must be read first."""
        return any(year_pattern(name) for name in self.columns)

    def named_columns(self, header: Sequence[str]) -> dict[str, Measure]:
        """The columns of figures, those named by a year found in the header."""
        found: dict[str, Measure] = {}
        for name, measure in self.columns.items():
            pattern = year_pattern(name)
            if pattern is None:
                found[name] = measure
                continue
            years = [(x, m.group(1)) for x in header if (m := pattern.fullmatch(x.strip()))]
            for column, year in years:
                whole = year if len(year) == 4 else f"20{year}"
                found[column] = Measure(measure.variable, whole, measure.decimal)
            if not years:
                found[name] = measure  # so that it is told as missing
        return found

    def wanted(self, header: Sequence[str]) -> list[str]:
        """Every column that is read, each once, in a fixed order."""
        single = (
            self.area_column,
            self.level_column,
            self.status_column,
            self.period_column,
            self.value_column,
            self.variable_column,
            self.id_column,
            self.name_column,
            self.latitude_column,
            self.longitude_column,
            self.capacity_column,
            self.category_column,
            self.code_column,
            self.count_column,
        )
        several = (*self.only, *self.named_columns(header))
        return list(dict.fromkeys(x for x in (*single, *several) if x))


def year_pattern(name: str) -> re.Pattern[str] | None:
    """The pattern of the columns whose name holds a year, or None."""
    for sign, digits in _YEAR.items():
        before, there, after = name.partition(sign)
        if there:
            return re.compile(re.escape(before) + digits + re.escape(after))
    return None
