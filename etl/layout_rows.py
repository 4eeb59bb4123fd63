"""The rows of a file by its layout: the strict reader of its format, every cell as text."""

from __future__ import annotations

import datetime as dt
import io
import warnings

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet
import pyogrio

from etl.layout import Layout
from etl.reading import csv_names, csv_text, geo_frame, parquet_frame, sheet_cells, sheet_text
from etl.reading.grid import text_of
from etl.reading.width import check_keys, check_width
from etl.source import Ledger

#: Columns that a file of points is given: where each of its features stands, in degrees.
LONGITUDE, LATITUDE = "(longitude)", "(latitude)"


def header_names(content: bytes, made: Layout, ledger: Ledger) -> list[str]:
    """The names of the columns, in order.

    Raises
    ------
    RejectedFile
        As the reader of the format, for what stands before the first row; ``too_many_columns``.
    """
    if made.format == "csv":
        return csv_names(content, ledger, made.dialect)
    if made.format == "xlsx":
        cells = sheet_cells(content, made.sheet, ledger)
        top = (made.header_line or 1) - 1
        return [text_of(cell) for cell in cells[top]] if top < len(cells) else []
    try:
        if made.format == "parquet":
            names = list(pyarrow.parquet.read_schema(pa.BufferReader(content)).names)
            check_width(len(names), ledger)
            return names
        if made.format == "geojson":
            check_keys(content, ledger)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the bytes have no file name to tell their format
            about = pyogrio.read_info(io.BytesIO(content), layer=made.layer)
        check_width(len(about["fields"]), ledger)
        return [str(name) for name in about["fields"]]
    except (OSError, ValueError, pa.ArrowException, pyogrio.errors.DataSourceError) as error:
        raise ledger.reject(
            "unreadable",
            f"fichier {made.format} coupé ou illisible ({type(error).__name__})",
            f"{made.format} file cut short or unreadable ({type(error).__name__})",
            mend_fr="Reprendre le fichier complet chez le producteur.",
            mend_en="Fetch the whole file again from its producer.",
        ) from error


def rows(content: bytes, made: Layout, columns: list[str], ledger: Ledger) -> pd.DataFrame:
    """The rows with ``columns`` and ``line``, every cell text; an absent one is empty.

    A file of points also has :data:`LONGITUDE` and :data:`LATITUDE`. Numbers of a typed format
    are written with the decimal sign that the layout declares.

    Raises
    ------
    RejectedFile
        As the reader of the format.
    """
    if made.format == "csv":
        keys = [made.area_column] if made.area_column else []
        return csv_text(content, columns, ledger, made.dialect, keys=keys)
    if made.format == "xlsx":
        return sheet_text(
            content,
            columns,
            ledger,
            sheet=made.sheet,
            header_line=made.header_line,
            footnotes=made.dialect.footnotes,
            unit_lines=made.unit_lines,
        )
    if made.format == "parquet":
        frame = parquet_frame(content, columns, ledger)
    else:
        features = geo_frame(
            content,
            columns,
            ledger,
            suffix=".geojson" if made.format == "geojson" else ".gpkg",
            kind="point" if made.kind == "point" else "polygon",
            crs=made.crs,
            layer=made.layer,
            within=None,
        )
        frame = pd.DataFrame(features.drop(columns="geometry"))
        if made.kind == "point":
            frame[LONGITUDE] = features.geometry.x.map(_degrees)
            frame[LATITUDE] = features.geometry.y.map(_degrees)
    decimals = {name: m.decimal for name, m in made.named_columns(columns).items()}
    for name in columns:
        frame[name] = texts(frame[name], decimals.get(name, made.decimal))
    return frame


def texts(column: pd.Series, decimal: str = ".") -> pd.Series:
    """A typed column as text: whole numbers without decimals, dates as ISO, nothing as empty."""
    if pd.api.types.is_datetime64_any_dtype(column):
        written = column.dt.strftime("%Y-%m-%d %H:%M:%S").str.removesuffix(" 00:00:00")
        dates: pd.Series = written.fillna("").astype("str")
        return dates
    made: pd.Series = column.astype("object").map(lambda cell: _text(cell, decimal)).astype("str")
    return made


def _text(cell: object, decimal: str) -> str:
    if cell is None or cell is pd.NA or cell is pd.NaT:
        return ""
    if isinstance(cell, float | np.floating):
        number = float(cell)
        if np.isnan(number):
            return ""
        return text_of(number).replace(".", decimal) if np.isfinite(number) else str(number)
    if isinstance(cell, np.generic):
        cell = cell.item()
    if isinstance(cell, str | bool | int | dt.date | dt.time | dt.datetime | dt.timedelta):
        return text_of(cell)
    return str(cell)


def _degrees(number: float) -> str:
    return "" if np.isnan(number) else f"{number:.7f}"
