"""Description: how an officer's file is laid out, as text that is checked; no Python is written.

The options of a source whose reader is ``described`` become a :class:`Layout`. What each option
means stands beside its field; an option that is not known, or contradicts another, is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from etl.layout import Layout, Measure, year_pattern
from etl.reading import Dialect
from etl.reading.numbers import Style
from geodata.catalogue.entry import CatalogueError
from geodata.catalogue.nouns import Catalogue, SourceEntry
from geodata.model import Status

#: What stands in a proposal where the officer must write something.
FILL = "?"
#: The formats that are read, and how their files end.
SUFFIXES = MappingProxyType(
    {"csv": ".csv", "xlsx": ".xlsx", "parquet": ".parquet", "geojson": ".geojson", "gpkg": ".gpkg"}
)
#: The tables that a described file may make.
MAKES = ("figure", "service", "equipment")
#: How a period is written; ``day`` is a date, of which the year is kept.
GRAMMARS = ("year", "school_year", "quarter", "half", "month", "day")
#: What becomes of the rows of parts that are counted with another area (see `Territory.parts`).
PARTS = ("refused", "left_out", "summed")


def layout(entry: SourceEntry, words: Catalogue) -> Layout:
    """The layout that a source's options describe.

    Raises
    ------
    CatalogueError
        An unknown or missing option, or one that names a level, a variable, a status or a format
        that there is none of. The message names the source and the option.
    """
    reading = _Options(entry.id, dict(entry.options))
    try:
        made = _layout(reading, words)
    except (TypeError, AttributeError) as error:
        raise reading.wrong(f"has a value of a wrong kind ({error})") from error
    if reading.left:
        raise reading.wrong(f"unknown options: {', '.join(sorted(reading.left))}")
    _check(made, reading, entry, words)
    return made


@dataclass(slots=True)
class _Options:
    """The options of one source, taken one by one."""

    source_id: str
    left: dict[str, Any]

    def text(self, name: str, default: str = "") -> str:
        return str(self.left.pop(name, default))

    def table(self, name: str, make: Callable[[Any], Any] = str) -> Mapping[str, Any]:
        return {str(key): make(value) for key, value in self.left.pop(name, {}).items()}

    def wrong(self, what: str) -> CatalogueError:
        return CatalogueError(f"sources.{self.source_id}.options: {what}.")


def _layout(take: _Options, words: Catalogue) -> Layout:
    period, decimal = take.text("period"), take.text("decimal", ".")
    levels = take.left.pop("levels", {})
    is_mixed = not isinstance(levels, dict)
    header_line = int(take.left.pop("header_line", 0))
    footnotes = tuple(str(x) for x in take.left.pop("footnotes", ()))
    kind = take.text("format")

    def measure(said: Any) -> Measure:
        given = {"variable": said} if isinstance(said, str) else dict(said)
        made = Measure(
            str(given.pop("variable")),
            str(given.pop("period", period)),
            str(given.pop("decimal", decimal)),
        )
        if given:
            raise take.wrong(f"columns: unknown keys {sorted(given)}")
        return made

    def status(word: Any) -> Status:
        if word == FILL:
            return Status.MISSING  # a proposal is shown before it is filled in
        try:
            return Status(str(word))
        except ValueError:
            raise take.wrong(f"{word!r} is no status; known: {', '.join(Status)}") from None

    dialect = _dialect(take, header_line or 1, footnotes)
    return Layout(
        format=kind,
        makes=take.text("makes", "figure"),
        dialect=dialect,
        sheet=take.text("sheet"),
        header_line=header_line or None,
        unit_lines=int(take.left.pop("unit_lines", 0)),
        layer=take.text("layer") or None,
        kind=take.text("kind", "polygon"),
        crs=take.text("crs") or None,
        area_column=take.text("area_column"),
        level=take.text("level"),
        level_column=take.text("level_column"),
        levels={} if is_mixed else {str(k): str(v) for k, v in levels.items()},
        mixed_levels=tuple(str(x) for x in levels) if is_mixed else (),
        edition=take.text("edition") or None,
        parts=take.text("parts", "refused"),
        only=take.table("only", lambda texts: tuple(str(x) for x in texts)),
        decimal=decimal,
        grouping=take.text("grouping"),
        marks=take.table("marks", status),
        status_column=take.text("status_column"),
        statuses=take.table("statuses", status),
        period=period,
        period_column=take.text("period_column"),
        grammar=take.text("grammar", "year"),
        columns=take.table("columns", measure),
        **{name: take.text(name) for name in _TEXTS},
        variables=take.table("variables"),
        categories=take.table("categories"),
    )


_TEXTS = (
    "value_column",
    "variable_column",
    "variable",
    "id_column",
    "name_column",
    "latitude_column",
    "longitude_column",
    "capacity_column",
    "capacity_unit",
    "category",
    "category_column",
    "equipment_code",
    "code_column",
    "count_column",
)


def _dialect(take: _Options, header_line: int, footnotes: tuple[str, ...]) -> Dialect:
    encoding = take.text("encoding", "utf-8")
    if encoding not in ("utf-8", "cp1252", "latin-1", "utf-16"):
        raise take.wrong(f"encoding {encoding!r}; known: utf-8, cp1252, latin-1, utf-16")
    try:
        return Dialect(
            separator=take.text("separator", ","),
            encoding=encoding,  # type: ignore[arg-type]
            quote=take.text("quote", '"'),
            header_line=header_line,
            footnotes=footnotes,
            needs_last_newline=bool(take.left.pop("last_newline", True)),
        )
    except ValueError as error:
        raise take.wrong(str(error)) from error


def _check(made: Layout, take: _Options, entry: SourceEntry, words: Catalogue) -> None:
    _one_of(made.format, tuple(SUFFIXES), "format", take)
    _one_of(made.makes, MAKES, "makes", take)
    _one_of(made.grammar, GRAMMARS, "grammar", take)
    _one_of(made.parts, PARTS, "parts", take)
    _one_of(made.kind, ("polygon", "point"), "kind", take)
    if made.format == "xlsx" and not made.sheet:
        raise take.wrong("sheet is missing: name the sheet of the workbook")
    known = {level.id for level in words.territory.levels}
    for level in (made.level, *made.levels.values(), *made.mixed_levels):
        if level:
            _one_of(level, tuple(known), "level", take)
    try:
        for decimal in {made.decimal, *(m.decimal for m in made.columns.values())}:
            Style(decimal, made.grouping, {}, None)
        for pattern in made.dialect.footnotes:
            re.compile(pattern)
    except (ValueError, re.error) as error:
        raise take.wrong(str(error)) from error
    if not (made.period or made.period_column) and not all(
        m.period or year_pattern(name) for name, m in (made.columns or {"": _NOWHERE}).items()
    ):
        raise take.wrong("period or period_column is missing")
    {"figure": _check_figures, "service": _check_services, "equipment": _check_equipment}[
        made.makes
    ](made, take, words)
    for variable in _variables(made):
        if variable not in words.variables:
            raise take.wrong(f"variable {variable} is not described")
        if entry.id not in words.variables[variable].sources:
            raise take.wrong(f"variable {variable} is not read from {entry.id}: add it to sources")


_NOWHERE = Measure("", "", ".")


def _check_figures(made: Layout, take: _Options, _words: Catalogue) -> None:
    if not made.area_column:
        raise take.wrong("area_column is missing: which column holds the codes?")
    if sum(map(bool, (made.level, made.level_column, made.mixed_levels))) != 1:
        raise take.wrong("give level, or level_column with levels, or a list of levels")
    if made.level_column and not made.levels:
        raise take.wrong("level_column needs levels: its words, and the level of each")
    is_long = bool(made.value_column)
    if made.is_wide == is_long:
        raise take.wrong("give columns (one for each quantity), or value_column")
    if is_long and bool(made.variable) == bool(made.variable_column and made.variables):
        raise take.wrong("value_column needs variable, or variable_column with variables")


def _check_services(made: Layout, take: _Options, words: Catalogue) -> None:
    for name in ("id_column", "name_column"):
        if not getattr(made, name):
            raise take.wrong(f"{name} is missing")
    has_point = bool(made.latitude_column and made.longitude_column)
    if not made.area_column and not has_point and made.format not in ("geojson", "gpkg"):
        raise take.wrong("area_column, or latitude_column and longitude_column, are missing")
    if bool(made.latitude_column) != bool(made.longitude_column):
        raise take.wrong("latitude_column and longitude_column go together")
    if bool(made.capacity_column) != bool(made.capacity_unit):
        raise take.wrong("capacity_column and capacity_unit go together")
    _check_category(made, take, words)


def _check_equipment(made: Layout, take: _Options, words: Catalogue) -> None:
    if not made.area_column or not made.count_column:
        raise take.wrong("area_column and count_column are missing")
    if bool(made.code_column) == bool(made.equipment_code):
        raise take.wrong("give code_column or equipment_code")
    _check_category(made, take, words)


def _check_category(made: Layout, take: _Options, words: Catalogue) -> None:
    if bool(made.category) == bool(made.category_column and made.categories):
        raise take.wrong("give category, or category_column with categories")
    if made.level not in ("", words.territory.finest_level):
        raise take.wrong(f"services and equipment stand in a {words.territory.finest_level}")


def _variables(made: Layout) -> set[str]:
    named = {m.variable for m in made.columns.values()} | {*made.variables.values()}
    return named | ({made.variable} if made.variable else set())


def _one_of(word: str, known: Sequence[str], name: str, take: _Options) -> None:
    if word not in known:
        raise take.wrong(f"{name} {word!r}; known: {', '.join(known)}")
