"""Files that an officer described: figures, services or equipment, after the text of their options.

From: wherever the officer had them; `vigie add` inspects a file and proposes the text. Everything
is read from ``entry.options`` (see `etl.layout.Layout`). Relied on: what the officer approved, and
nothing else; a file that is laid out otherwise is refused, or its rows are held back.
"""

from __future__ import annotations

from datetime import UTC, date, datetime

import pandas as pd

from etl import dates
from etl.description import layout
from etl.gazetteer import SHORT, bare, short_codes
from etl.layout import Layout
from etl.layout_rows import header_names, rows
from etl.locate import is_part, located, no_duplicates
from etl.source import LINE, Known, Ledger, Staged
from etl.sources import described_figures, described_places
from etl.stray_rows import refuse_strays, refuse_subtotals
from geodata.catalogue.nouns import SourceEntry

#: The name of the column of periods that the reader adds.
PERIOD = "(period)"
FIRST_DAY = date(1900, 1, 1)


def stage(entry: SourceEntry, file: str, content: bytes, known: Known) -> Staged:
    """The one table that the options ask for: ``figure``, ``service`` or ``equipment``.

    Raises
    ------
    RejectedFile
        When the file is not as described, or more than 1 % of its rows are wrong.
    CatalogueError
        When the options contradict themselves; the catalogue's own check finds it before.
    """
    made = layout(entry, known.catalogue)
    ledger = Ledger(entry.id, file)
    header = header_names(content, made, Ledger(entry.id, file)) if made.has_years else []
    frame = ledger.begin(rows(content, made, made.wanted(header), ledger), known.mends)
    measures = made.named_columns(header)
    if made.makes != "service":
        numbers = [made.value_column, made.count_column, made.period_column, *measures]
        named = [name for name in numbers if name]
        refuse_strays(ledger.kept(frame), made.area_column, named, known, ledger, made.marks)
    for column, texts in made.only.items():
        ledger.drop(
            frame.loc[~frame[column].isin(list(texts)), LINE],
            "not_asked",
            "lignes d’une autre sorte que celle demandée",
            "rows of another kind than the one asked for",
            column=column,
        )
    kept = ledger.kept(frame).copy()
    if made.makes != "service" and kept[made.area_column].eq("").any():
        parted = (made.period_column, made.level_column, made.variable_column, made.code_column)
        values = described_figures.amounts(kept, made, measures, known, ledger)
        group = [name for name in parted if name]
        refuse_subtotals(kept, made.area_column, values, group, ledger)
    kept[PERIOD] = _periods(kept, made, ledger)
    if made.makes == "service":
        table = described_places.services(entry, kept, made, known, ledger)
    elif made.makes == "equipment":
        table = described_places.equipment(entry, kept, made, known, ledger)
    else:
        kept = _located(kept, made, known, ledger)
        table = described_figures.figures(entry.id, kept, made, measures, known, ledger)
    return ledger.staged({made.makes: table})


def _periods(frame: pd.DataFrame, made: Layout, ledger: Ledger) -> pd.Series:
    """The period of each row; empty where each column has its own."""
    if not made.period_column:
        return pd.Series(made.period, index=frame.index, dtype="object")
    if made.grammar == "day":
        latest = datetime.now(UTC).date()
        days = dates.day(
            frame,
            made.period_column,
            ledger,
            earliest=FIRST_DAY,
            latest=latest,
            format="dd/mm/yyyy",
        )
        found = days.str[:4]
    else:
        found = dates.period(frame, made.period_column, ledger, made.grammar)  # type: ignore[arg-type]
    ledger.quarantine(
        frame.loc[found.isna(), LINE],
        "no_period",
        "pas de période",
        "no period",
        column=made.period_column,
        mend_fr="Écrire la période de cette ligne.",
        mend_en="Write the period of this row.",
    )
    return found.astype("object")


def _located(frame: pd.DataFrame, made: Layout, known: Known, ledger: Ledger) -> pd.DataFrame:
    """The rows with ``level`` and ``area_id``, each key once."""
    frame = frame.assign(level=_levels(frame, made, known, ledger))
    finest = known.catalogue.territory.finest_level
    parts = frame["level"].eq(finest) & is_part(frame[made.area_column], known)
    if parts.any():
        _account_for_parts(frame, parts, made, known, ledger)
    frame = ledger.kept(frame)
    found = [
        located(
            group,
            made.area_column,
            str(level),
            known,
            ledger,
            edition=made.edition,
            is_kept_at_edition=made.edition is not None,
        )
        for level, group in frame.groupby("level", sort=False)
    ]
    areas = pd.concat(found) if found else pd.Series(dtype="object")
    frame = frame.assign(area_id=areas.reindex(frame.index))
    read = ledger.kept(frame)
    if made.variable_column:
        read = read[read[made.variable_column].isin(list(made.variables))]
    # Parts are summed on purpose; one code written in two ways is still one area told twice.
    is_summed = made.parts == "summed"
    read = read.assign(**{SHORT: short_codes(read[made.area_column])}) if is_summed else read
    key = ["level", SHORT if is_summed else "area_id", PERIOD]
    if made.variable_column:
        key.append(made.variable_column)
    no_duplicates(read, key, ledger)
    return ledger.kept(frame)


def _levels(frame: pd.DataFrame, made: Layout, known: Known, ledger: Ledger) -> pd.Series:
    """The level of each row."""
    if made.level:
        return pd.Series(made.level, index=frame.index, dtype="object")
    if made.level_column:
        found = frame[made.level_column].map(dict(made.levels)).astype("object")
        ledger.drop(
            frame.loc[found.isna() | found.eq(""), LINE],
            "other_level",
            "lignes d’un niveau qui n’est pas demandé",
            "rows of a level that is not asked for",
            column=made.level_column,
        )
        return found
    codes = frame[made.area_column].str.strip()
    found = pd.Series(None, index=frame.index, dtype="object")
    for name in made.mixed_levels:
        pattern = known.catalogue.territory.level(name).pattern
        theirs = list(known.areas.get(name, ()))
        is_one = codes.isin(theirs) | ("0" + codes).isin(theirs)
        if pattern:
            is_one |= codes.str.fullmatch(pattern).astype(bool)
        found = found.where(found.notna() | ~is_one, name)
    return found.fillna(made.mixed_levels[0])


def _account_for_parts(
    frame: pd.DataFrame, parts: pd.Series, made: Layout, known: Known, ledger: Ledger
) -> None:
    """Refuse rows of parts, leave them out, or let them be summed, as the options say."""
    wholes = frame.loc[parts, made.area_column].map(
        lambda code: known.catalogue.territory.parts.get(bare(code))
    )
    has_wholes = set(wholes) <= set(frame[made.area_column].map(bare))
    if made.parts == "left_out" and has_wholes:
        ledger.drop(
            frame.loc[parts, LINE],
            "counted_with_its_whole",
            "parties d’une aire : leur tout est dans le fichier",
            "parts of an area: their whole is in the file",
            column=made.area_column,
        )
    elif made.parts != "summed":
        raise ledger.reject(
            "parts_of_areas",
            "des parties d’aires sont comptées à part",
            "parts of areas are counted apart",
            line=int(frame.loc[parts, LINE].iloc[0]),
            column=made.area_column,
            rows=int(parts.sum()),
            mend_fr='Dire dans la description : parts = "left_out" si leur tout est dans le '
            'fichier, sinon parts = "summed".',
            mend_en='Say in the description: parts = "left_out" when their whole is in the '
            'file, else parts = "summed".',
        )
