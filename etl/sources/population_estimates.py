"""Population of the départements by age on 1 January of each year since 1975.

From: INSEE, estimates of population by département, sex and five-year age (an Excel workbook, one
sheet a year). Read sheet by sheet: a row of groups (Ensemble, Hommes, Femmes), a row of ages, then
one row a département; a second table below holds the overseas ones where their last age differs.
Relied on: a sheet is named after its year and says it; the ages add up to the total.

A population on 1 January is that of 31 December of the year before, which is how other stocks are
dated here. Sheets that say their results are provisional give estimates. Men and women are left
aside. Lines are numbered year and row: 2022006 is row 6 of the sheet 2022.
"""

from __future__ import annotations

import re

import pandas as pd

from etl.locate import located, no_duplicates
from etl.reading.workbook import sheet_cells, sheets
from etl.source import LINE, Known, Ledger, Staged
from etl.sources.wide_table import Columns, long_figures, measured_columns
from geodata.catalogue.nouns import SourceEntry
from geodata.model import Status

YEAR = re.compile(r"(?:19|20)[0-9]{2}")
AGES = tuple(f"{age} à {age + 4} ans" for age in range(0, 95, 5))
TOTAL = "Total"
GROUP = "Ensemble"
#: Ages of each quantity: from, up to and without.
SPANS = {
    "estimated_population_0_4": (0, 5),
    "estimated_population_0_19": (0, 20),
    "estimated_population_15_24": (15, 25),
    "estimated_population_15_64": (15, 65),
}
#: The oldest ages, which are named in two ways.
OLDEST = ("95 ans et plus", "90 ans et plus")
CELLS = (*AGES, OLDEST[0], TOTAL)
#: Line of a row: year times this, plus its row in the sheet.
LINES = 1000
#: Totals of the sheets and how the codes of what they sum begin.
TOTALS = {
    "France métropolitaine": r"[0-9]{2}|2[AB]",
    "DOM": r"97[0-9]",
    "France métropolitaine et DOM": r".*",
}


def stage(entry: SourceEntry, file: str, content: bytes, known: Known) -> Staged:
    """The table ``figure``: residents of each département in all and by age, at each year's end.

    Raises
    ------
    RejectedFile
        When the file is no such workbook, a sheet is not of its year or has no such table, or
        more than 1 % of the rows are wrong.
    """
    ledger = Ledger(entry.id, file)
    years = [sheet.name for sheet in sheets(content, ledger) if YEAR.fullmatch(sheet.name)]
    if not years:
        raise ledger.reject(
            "no_sheet_of_a_year",
            "aucune feuille ne porte le nom d’une année",
            "no sheet is named after a year",
            mend_fr="Reprendre le classeur chez l’INSEE.",
            mend_en="Fetch the workbook from INSEE again.",
        )
    read = [row for year in years for row in _sheet(year, content, ledger)]
    frame = pd.DataFrame(read, columns=[LINE, "year", "status", "code", *CELLS])
    frame = ledger.begin(frame, known.mends)
    columns: Columns = dict.fromkeys(CELLS, ("estimated_population", ""))
    values, _statuses = measured_columns(frame, columns, known, ledger)
    rows = frame.assign(area_id="", level="departement")
    is_total = frame["code"].isin(TOTALS)
    _check_totals(frame, values, is_total, ledger)
    _hold_uneven_rows(frame, values, ledger)
    rows = ledger.kept(rows)
    rows["area_id"] = located(rows, "code", "departement", known, ledger)
    no_duplicates(ledger.kept(rows), ["area_id", "year"], ledger)
    rows = ledger.kept(rows)
    figures = _figures(rows, values.loc[rows.index], entry.id)
    return ledger.staged({"figure": figures})


def _sheet(year: str, content: bytes, ledger: Ledger) -> list[list[object]]:
    """The rows of one sheet, all text: départements and totals of both its tables."""
    cells = [[_text(cell) for cell in row] for row in sheet_cells(content, year, ledger)]
    said = " ".join(row[0] for row in cells if row)
    tops = [at for at, row in enumerate(cells) if GROUP in row[:3]]
    if f"Année {year}" not in said or not tops:
        raise ledger.reject(
            "other_sheet",
            f"la feuille {year} n’annonce pas « Année {year} », ou n’a pas de colonnes {GROUP}",
            f"sheet {year} does not say « Année {year} », or has no columns {GROUP}",
            sample=year,
            mend_fr="Reprendre le classeur chez l’INSEE.",
            mend_en="Fetch the workbook from INSEE again.",
        )
    status = Status.ESTIMATED if "provisoire" in said else Status.OBSERVED
    made: list[list[object]] = []
    for at, top in enumerate(tops):
        end = tops[at + 1] if at + 1 < len(tops) else len(cells)
        places = _places(cells[top], cells[top + 1], year, top + 2, ledger)
        for row in range(top + 2, end):
            texts = cells[row]
            if texts[0] and texts[places[TOTAL]]:
                chosen = [texts[places[name]] if name in places else "" for name in CELLS]
                made.append([int(year) * LINES + row + 1, year, str(status), texts[0], *chosen])
    return made


def _places(
    groups: list[str], names: list[str], year: str, line: int, ledger: Ledger
) -> dict[str, int]:
    """Where each age and the total stand among the columns of both sexes together."""
    first = groups.index(GROUP)
    last = next((at for at in range(first + 1, len(groups)) if groups[at]), len(names))
    places = {names[at]: at for at in range(first, min(last, len(names))) if names[at]}
    if OLDEST[1] in places:  # 90 and over in one column: the two oldest ages are not told apart
        places[OLDEST[0]] = places[OLDEST[1]]
    optional = {AGES[-1]} if OLDEST[1] in places else set()
    absent = [name for name in CELLS if name not in places and name not in optional]
    if absent:
        raise ledger.reject(
            "missing_column",
            f"feuille {year} : colonne manquante : {', '.join(absent)}",
            f"sheet {year}: column missing: {', '.join(absent)}",
            line=int(year) * LINES + line,
            column=absent[0],
            mend_fr="Reprendre le classeur chez l’INSEE.",
            mend_en="Fetch the workbook from INSEE again.",
        )
    return places


def _text(cell: object) -> str:
    whole = isinstance(cell, float) and cell.is_integer()
    return str(int(cell)) if isinstance(cell, float) and whole else " ".join(str(cell).split())


def _check_totals(
    frame: pd.DataFrame, values: pd.DataFrame, is_total: pd.Series, ledger: Ledger
) -> None:
    """Compare each total of a sheet with its départements, then drop it; hold what differs."""
    wrong = []
    for at in frame.index[is_total].tolist():
        year, code = str(frame.at[at, "year"]), str(frame.at[at, "code"])
        parts = (frame["year"] == year) & ~is_total & frame["code"].str.fullmatch(TOTALS[code])
        total, summed = values.loc[[at], TOTAL].sum(), values.loc[parts, TOTAL].sum()
        if total != summed:
            wrong.append(f"{year} {code}: {total:g} / {summed:g}")
    if wrong:
        ledger.hold(
            "total_differs",
            f"{len(wrong)} totaux diffèrent de leurs départements : {wrong[0]}",
            f"{len(wrong)} totals differ from their départements: {wrong[0]}",
            column=TOTAL,
            rows=len(wrong),
            mend_fr="Reprendre le classeur chez l’INSEE.",
            mend_en="Fetch the workbook from INSEE again.",
        )
    ledger.drop(
        frame.loc[is_total, LINE],
        "total",
        "totaux (France métropolitaine, DOM, ensemble)",
        "totals (metropolitan France, overseas, both)",
        column="code",
    )


def _hold_uneven_rows(frame: pd.DataFrame, values: pd.DataFrame, ledger: Ledger) -> None:
    """Hold back rows whose ages do not add up to their total."""
    off = values[list(CELLS[:-1])].sum(axis=1) != values[TOTAL]
    lines = frame.loc[off & ~frame[LINE].isin(list(ledger.dropped)), LINE]
    if len(lines):
        ledger.quarantine(
            lines,
            "ages_do_not_add_up",
            "la somme des âges n’est pas le total",
            "the ages do not add up to the total",
            column=TOTAL,
            mend_fr="Reprendre la ligne chez l’INSEE.",
            mend_en="Fetch the row again from INSEE.",
        )


def _figures(rows: pd.DataFrame, values: pd.DataFrame, source_id: str) -> pd.DataFrame:
    """The figures of each span of ages, dated of the year before."""
    sums = {"estimated_population": values[TOTAL]}
    for name, (first, end) in SPANS.items():
        sums[name] = values[[age for age in AGES if first <= int(age.split()[0]) < end]].sum(axis=1)
    statuses = pd.DataFrame(dict.fromkeys(sums, rows["status"]))
    columns: Columns = {name: (name, "") for name in sums}
    figures = long_figures(rows, pd.DataFrame(sums), statuses, columns, source_id)
    before = (rows["year"].astype("int64") - 1).astype("str")
    return figures.assign(period=pd.concat([before] * len(sums), ignore_index=True))
