"""What a reader of values does not tell of a sheet, found in one pass over its XML.

Errors, formulas never computed, hidden rows, codes shown with leading zeros, cells far away from
the table: calamine reads past all of these in silence, or takes the memory they ask for.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from xml.parsers import expat

from etl.reading.ooxml import broken, doctype, named, xml_part
from etl.reading.width import MOST_COLUMNS, check_width
from etl.source import Ledger

LAST_ROW = 1_048_576
#: A sheet is held as a grid: so many cells take about 600 MB.
MOST_CELLS = 20_000_000
#: Past so many empty rows nothing more is read.
EMPTY_ROWS = 1_000


@dataclass(slots=True)
class Facts:
    """What a reader of values does not tell of a sheet. Rows and columns count from 0."""

    #: Text of the error (``#N/A``) by place.
    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    #: Rows by column and width, where whole numbers are shown with leading zeros.
    padded: dict[tuple[int, int], list[int]] = field(default_factory=dict)
    #: Columns where numbers are shown as percentages.
    percent: set[int] = field(default_factory=set)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    #: The first formula without a value.
    uncached: tuple[int, int] | None = None
    #: How many rows lie past :data:`EMPTY_ROWS` empty ones, and the bytes that hold them.
    far_rows: int = 0
    far_bytes: tuple[int, int] | None = None


def place(row: int, column: int) -> str:
    """The name of a cell as a spreadsheet shows it: (0, 0) is A1."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row + 1}"


def facts(packed: zipfile.ZipFile, part: str, ledger: Ledger) -> Facts:
    """One pass over the cells of a sheet.

    Raises
    ------
    RejectedFile
        Broken XML, a document type, more rows than a sheet can have, a value too far right, or
        a table too large to be held.
    """
    scan = _Scan(_shown_as(packed, ledger), ledger)
    try:
        with packed.open(part) as stream:
            scan.read(stream)
    except (KeyError, expat.ExpatError, UnicodeError, ValueError) as error:
        raise broken(ledger) from error
    return scan.facts


def _shown_as(packed: zipfile.ZipFile, ledger: Ledger) -> dict[str, int]:
    """Style number -> width of a code with leading zeros, or 0 for a percentage."""
    if "xl/styles.xml" not in packed.namelist():
        return {}
    root = xml_part(packed, "xl/styles.xml", ledger)
    formats = {f.get("numFmtId", ""): f.get("formatCode", "") for f in named(root, "numFmt")}
    formats |= {"9": "0%", "10": "0.00%"}
    shown = {}
    for styles in named(root, "cellXfs"):
        for number, style in enumerate(styles):
            code = formats.get(style.get("numFmtId", ""), "")
            bare = re.sub(r"\[[^\]]*\]|\\|\"| ", "", code.partition(";")[0])
            if re.fullmatch("00+", bare):
                shown[str(number)] = len(bare)
            elif bare.endswith("%"):
                shown[str(number)] = 0
    return shown


class _Columns(dict[str, int]):
    """The place of each column by its letters; each is worked out once."""

    def __missing__(self, letters: str) -> int:
        number = 0
        for letter in letters:
            if not "A" <= letter <= "Z":
                raise ValueError("a cell has a wrong name")
            number = 26 * number + ord(letter) - 64
        self[letters] = number - 1
        return number - 1


class _Scan:
    """Walks through the XML of a sheet, keeping :class:`Facts` and no value."""

    def __init__(self, shown_as: dict[str, int], ledger: Ledger) -> None:
        self.facts = Facts()
        self._shown_as, self._ledger = shown_as, ledger
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._near()
        self._parser.StartDoctypeDeclHandler = self._refuse_doctype
        self._row = self._last_row = self._last_column = -1
        self._row_name = "0"
        #: The open cell, when it holds an error, a formula or a number shown in some way.
        self._watched: dict[str, str] | None = None
        self._watched_column = 0
        self._has_formula = self._has_value = self._is_far_counted = False
        self._text: list[str] = []

    def read(self, stream: object) -> None:
        self._parser.ParseFile(stream)  # type: ignore[arg-type]
        self._judge()

    def _near(self) -> Callable[[str, dict[str, str]], None]:
        """The handler of elements; it runs for each cell, so it keeps its state in a closure."""
        shown_as, places, column, cell = self._shown_as, _Columns(), -1, {"": ""}

        def start(tag: str, attributes: dict[str, str]) -> None:
            nonlocal column, cell
            if tag == "v" or tag == "is":
                if column > self._last_column:
                    self._last_column = column
                    self._check_size(column)
                self._last_row = max(self._last_row, self._row)
                if self._watched is not None:
                    self._has_value = True
                    self._parser.CharacterDataHandler = self._text.append
            elif tag == "c":
                if self._watched is not None:
                    self._judge()
                name = attributes.get("r")
                if name is None:
                    column += 1
                elif name.endswith(self._row_name):
                    column = places[name[: -len(self._row_name)]]
                else:
                    raise ValueError("a cell stands in another row than its own")
                cell = attributes
                if attributes.get("t") == "e" or attributes.get("s") in shown_as:
                    self._watched, self._watched_column = attributes, column
            elif tag == "f":
                self._watched, self._watched_column, self._has_formula = cell, column, True
            elif tag == "row":
                self._judge()
                column = -1
                self._start_row(attributes)
            elif tag == "col" and attributes.get("hidden") in ("1", "true"):
                first, last = int(attributes["min"]), int(attributes["max"])
                self.facts.hidden_columns |= set(range(first - 1, min(last, MOST_COLUMNS)))
            elif ":" in tag:
                start(tag.rpartition(":")[2], attributes)

        return start

    def _start_row(self, attributes: dict[str, str]) -> None:
        self._row = int(attributes["r"]) - 1 if "r" in attributes else self._row + 1
        self._row_name = str(self._row + 1)
        self._check_row()
        if self._row > self._last_row + EMPTY_ROWS:
            self.facts.far_bytes = (self._parser.CurrentByteIndex, 0)
            self._parser.StartElementHandler = self._start_far
            self._parser.EndElementHandler = self._end_far
            self._is_far_counted = False
            return
        self._check_size(self._last_column)
        if attributes.get("hidden") in ("1", "true"):
            self.facts.hidden_rows.add(self._row)

    def _judge(self) -> None:
        """Judge the watched cell that was open, now that all of it has been seen."""
        cell, self._watched = self._watched, None
        if cell is None:
            return
        self._parser.CharacterDataHandler = None
        where, text = (self._row, self._watched_column), "".join(self._text).strip()
        kind, has_formula, has_value = cell.get("t", "n"), self._has_formula, self._has_value
        self._has_formula = self._has_value = False
        self._text.clear()
        if has_formula and not (has_value and (text or kind == "str")):
            self.facts.uncached = self.facts.uncached or where
        elif kind == "e" and has_value:
            self.facts.errors[where] = text[:20]
        elif kind == "n" and has_value and cell.get("s") in self._shown_as:
            width = self._shown_as[cell["s"]]
            if width:
                self.facts.padded.setdefault((where[1], width), []).append(where[0])
            else:
                self.facts.percent.add(where[1])

    def _check_row(self) -> None:
        if not 0 <= self._row < LAST_ROW:
            raise self._ledger.reject(
                "too_many_rows",
                f"plus de {LAST_ROW} lignes : ce n’est pas une feuille de tableur",
                f"over {LAST_ROW} rows: this is not a spreadsheet",
                line=self._row + 1,
                mend_fr="Fournir ces données en CSV ou en Parquet.",
                mend_en="Bring these data as CSV or Parquet.",
            )

    def _check_size(self, column: int) -> None:
        if column >= MOST_COLUMNS:
            where = {"line": self._row + 1, "column": place(self._row, column)}
            check_width(column + 1, self._ledger, **where)
        if (self._row + 1) * (self._last_column + 1) > MOST_CELLS:
            raise self._ledger.reject(
                "too_many_cells",
                f"la cellule {place(self._row, column)} est trop loin du tableau",
                f"cell {place(self._row, column)} is too far from the table",
                line=self._row + 1,
                mend_fr="Vider les cellules éloignées, ou fournir ces données en Parquet.",
                mend_en="Clear the far cells, or bring these data as Parquet.",
            )

    def _start_far(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(":")[2]
        if name == "row":
            self._row = int(attributes["r"]) - 1 if "r" in attributes else self._row + 1
            self._check_row()
            self._is_far_counted = False
        elif name in ("v", "is") and not self._is_far_counted:
            self.facts.far_rows += 1
            self._is_far_counted = True

    def _end_far(self, tag: str) -> None:
        if tag.rpartition(":")[2] == "sheetData" and self.facts.far_bytes is not None:
            self.facts.far_bytes = (self.facts.far_bytes[0], self._parser.CurrentByteIndex)
            self._parser.StartElementHandler = None
            self._parser.EndElementHandler = None

    def _refuse_doctype(self, *_: object) -> None:
        raise doctype(self._ledger)
