"""How rows and columns make figures, services or equipment: what the proposal is made from."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import pandas as pd

from etl.inspection.codes import Areas, Fit, chosen_areas, fits_of, is_code_column
from etl.inspection.columns import Facts, facts
from etl.inspection.container import container_options, dialect_of
from etl.inspection.years import Dated, dated_names, file_year
from etl.layout import Layout
from etl.layout_rows import LATITUDE, LONGITUDE, header_names, rows
from etl.reading.header import folded
from etl.source import LINE, Known, Ledger, RejectedFile, Staged
from etl.sources.persons import refuse_persons
from geodata.catalogue.nouns import SourceEntry

#: The one table that an inspection stages, and its column.
TABLE, JSON = "inspection", "json"
#: A column with so many distinct texts numbers the things that the rows are.
NEARLY_ALL = 0.99
#: Words of a dimension that mean the whole.
_WHOLES = ("_T", "T", "TOTAL", "Total", "total", "Ensemble", "ensemble", "ENSEMBLE")


@dataclass(frozen=True, slots=True)
class Inspection:
    """What was found out of a file."""

    file: str
    row_count: int
    #: The options that say how it is written.
    container: Mapping[str, Any]
    columns: tuple[Facts, ...]
    areas: Areas | None
    makes: str
    #: Columns of figures, in order; other numeric columns hold codes, years or places.
    values: tuple[str, ...] = ()
    dated: Mapping[str, Dated] = field(default_factory=dict)
    file_year: str = ""
    period_column: str = ""
    grammar: str = ""
    #: Long: the column that names the quantity, and other columns that tell rows apart.
    variable_column: str = ""
    dimensions: Mapping[str, str] = field(default_factory=dict)
    longitude: str = ""
    latitude: str = ""

    def fact(self, name: str) -> Facts:
        """What was found of one column; KeyError when there is none."""
        for found in self.columns:
            if found.name == name:
                return found
        raise KeyError(name)


def inspected(entry: SourceEntry, file: str, content: bytes, known: Known) -> Staged:
    """The inspection of a file as a staged table, so that it can run apart; see `inspection_of`.

    ``entry.options["makes"]`` may say what the officer expects: figure, service or equipment.

    Raises
    ------
    RejectedFile
        When no table is found in the file, no column of codes, or it tells who somebody is.
    """
    ledger = Ledger(entry.id, file)
    found = _inspected(content, known, ledger, str(entry.options.get("makes", "")))
    frame = pd.DataFrame({JSON: [json.dumps(asdict(found), ensure_ascii=False, default=dict)]})
    return Staged({TABLE: frame}, found.row_count, found.row_count)


def inspection_of(staged: Staged) -> Inspection:
    """The inspection that :func:`inspected` staged."""
    raw = json.loads(str(staged.tables[TABLE][JSON].iloc[0]))
    areas = raw.pop("areas")
    columns = tuple(Facts(**one) for one in raw.pop("columns"))
    dated = {name: Dated(**one) for name, one in raw.pop("dated").items()}
    made = Areas(**{**areas, "mixed": tuple(areas["mixed"])}) if areas else None
    values = tuple(raw.pop("values"))
    return Inspection(columns=columns, areas=made, dated=dated, values=values, **raw)


def _inspected(content: bytes, known: Known, ledger: Ledger, makes: str) -> Inspection:
    options = container_options(content, ledger)
    frame = _frame(content, options, ledger)
    names = [str(name) for name in frame.columns]
    marks = known.catalogue.territory.marks
    columns = tuple(facts(name, frame[name], marks) for name in names)
    by_name = {found.name: found for found in columns}
    longitude, latitude = _point(by_name)
    has_points = options.get("kind") == "point" or bool(longitude)
    is_directory = makes == "service" or (not makes and has_points)
    refuse_persons(content, ledger, ("*",) if is_directory else ())
    fits = {n: fits_of(n, frame[n], known) for n in names if n not in (LONGITUDE, LATITUDE)}
    areas = chosen_areas(frame, fits, known)
    if areas is None and not has_points:
        raise _no_codes(fits, known, ledger)
    made = Inspection(
        file=ledger.file,
        row_count=len(frame),
        container=options,
        columns=columns,
        areas=areas,
        makes=makes or ("service" if has_points else "figure"),
        file_year=file_year(ledger.file),
        longitude=longitude,
        latitude=latitude,
    )
    made = replace(made, values=_values(made, fits, frame, known))
    made = replace(made, dated=dated_names(made.values, ledger.file))
    if areas is None:
        return made
    return _shaped(made, frame)


def _frame(content: bytes, options: Mapping[str, Any], ledger: Ledger) -> pd.DataFrame:
    """All named columns as text; names there twice cannot be read and are left aside."""
    layout = Layout(
        format=options["format"],
        makes="figure",
        dialect=dialect_of(dict(options)),
        sheet=options.get("sheet", ""),
        header_line=options.get("header_line"),
        unit_lines=options.get("unit_lines", 0),
        layer=options.get("layer"),
        kind=options.get("kind", "polygon"),
    )
    aside = Ledger(ledger.source_id, ledger.file)
    header = [name.strip() for name in header_names(content, layout, aside)]
    wanted = [name for name in header if name and header.count(name) == 1 and name != LINE]
    if not wanted:
        raise ledger.reject(
            "no_header",
            "aucune colonne nommée",
            "no named column",
            line=layout.header_line or 1,
            mend_fr="Nommer chaque colonne.",
            mend_en="Name each column.",
        )
    read = rows(content, layout, wanted, aside)
    return aside.kept(read).drop(columns=LINE).reset_index(drop=True)


def _point(columns: Mapping[str, Facts]) -> tuple[str, str]:
    """The columns of longitude and latitude, or nothing."""

    def find(words: Sequence[str], most: float) -> str:
        for name, found in columns.items():
            is_degrees = found.is_number and abs(found.least) <= most >= abs(found.greatest)
            if is_degrees and folded(name) in words:
                return name
        return ""

    longitude = find(("longitude", "lon", "lng", "long", "x_longitude", "coordlongitude"), 180)
    latitude = find(("latitude", "lat", "y_latitude", "coordlatitude"), 90)
    return (longitude, latitude) if longitude and latitude else ("", "")


def _values(
    made: Inspection, fits: Mapping[str, list[Fit]], frame: pd.DataFrame, known: Known
) -> tuple[str, ...]:
    """The numeric columns that are neither codes, periods nor places."""
    found = []
    for column in made.columns:
        name = column.name
        if name in (made.longitude, made.latitude, LONGITUDE, LATITUDE):
            continue
        if made.areas and name in (made.areas.column, made.areas.level_column):
            continue
        is_code = any(is_code_column(fit, frame[name], known) for fit in fits.get(name, [])[:1])
        is_constant = column.distinct == 1 and len(frame) > 1
        if column.is_number and not is_code and not column.grammar and not is_constant:
            found.append(name)
    return tuple(found)


def _shaped(made: Inspection, frame: pd.DataFrame) -> Inspection:
    """Wide when an area (and a period) has one row; long when it has several."""
    assert made.areas is not None
    areas = made.areas
    key = [areas.column, *([areas.level_column] if areas.level_column else [])]
    read = frame[frame[areas.column].ne("")]
    if areas.level_column:
        read = read[read[areas.level_column].map(dict(areas.levels)).fillna("").ne("")]
    periods = [c for c in made.columns if c.grammar and c.name not in key]
    period = max(periods, key=lambda c: (c.distinct, c.filled), default=None)
    if period is not None:
        made = replace(made, period_column=period.name, grammar=period.grammar)
        key.append(period.name)
    if made.makes != "figure" or not read.duplicated(key).any():
        return made
    words = {
        column.name: int(read[column.name].nunique())
        for column in made.columns
        if column.words and column.name not in key and column.name not in made.values
    }
    by_area = read.groupby(key)
    telling = sorted(  # a name goes with its code and tells nothing more
        (n for n, count in words.items() if count > 1 and by_area[n].nunique().max() > 1),
        key=lambda n: -words[n],
    )
    for name in telling:
        trial = [*key, name]
        if not read.duplicated(trial).any():
            return replace(made, variable_column=name, values=made.values[-1:])
    if telling and not read.duplicated([*key, *telling]).any():
        # Several columns tell rows apart: one names the quantity, the others are to be narrowed.
        others = {n: _whole(read[n]) for n in telling[1:]}
        return replace(made, variable_column=telling[0], dimensions=others, values=made.values[-1:])
    if any(column.distinct >= NEARLY_ALL * len(frame) for column in made.columns):
        return replace(made, makes="service")  # a list of things, each with its own number
    return made


def _whole(cells: pd.Series) -> str:
    """The word of a dimension that means the whole, or nothing."""
    there = set(cells)
    return next((word for word in _WHOLES if word in there), "")


def _no_codes(fits: Mapping[str, list[Fit]], known: Known, ledger: Ledger) -> RejectedFile:
    """No column of codes: say which one came nearest, and which levels were looked for."""
    every = [fit for found in fits.values() for fit in found]
    near = max(every, key=lambda fit: fit.share + fit.unknown, default=None)
    levels = [x for x in known.catalogue.territory.levels if known.areas.get(x.id)]
    looked_fr = ", ".join(level.one.fr for level in levels) or "aucun niveau connu"
    looked_en = ", ".join(level.one.en for level in levels) or "no known level"
    fr, en = "aucune colonne ne porte de codes d’aires", "no column holds codes of areas"
    if near is not None:
        share = f"{100 * (near.share + near.unknown):.0f}"
        fr += f" ({share} % au mieux dans {near.column})"
        en += f" ({share}% at best in {near.column})"
    return ledger.reject(
        "no_code_column",
        fr,
        en,
        column=near.column if near else None,
        mend_fr=f"Ajouter la colonne des codes officiels ; niveaux cherchés : {looked_fr}.",
        mend_en=f"Add the column of the official codes; levels looked for: {looked_en}.",
    )
