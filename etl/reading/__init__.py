"""The strict readers: bytes in, a frame out, nothing guessed.

A file that is not what it should be is refused with its line, its column and the mend; pandas and
DuckDB would load many of these in silence (ragged rows, an HTML page, a lost header).
"""

from etl.reading.columnar import parquet_frame
from etl.reading.delimited import csv_names, csv_text
from etl.reading.geo import geo_frame, points
from etl.reading.packed import unpacked
from etl.reading.records import Dialect
from etl.reading.tree import json_rows, json_value
from etl.reading.workbook import sheet_cells, sheet_text, sheets

__all__ = [
    "Dialect",
    "csv_names",
    "csv_text",
    "geo_frame",
    "json_rows",
    "json_value",
    "parquet_frame",
    "points",
    "sheet_cells",
    "sheet_text",
    "sheets",
    "unpacked",
]
