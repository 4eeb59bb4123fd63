"""The options of a proposal: how the file is laid out, line by line, each with its doubt."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from etl.description import FILL
from etl.inspection.columns import Facts
from etl.inspection.shape import Inspection
from etl.reading.header import folded
from etl.toml_text import toml_comment, toml_key, toml_value
from geodata.catalogue.nouns import Catalogue

TO_FILL = "# to be filled in"
_CAPACITY = ("capac", "place", "lits", "beds", "plaatsen")


@dataclass(frozen=True, slots=True)
class Quantity:
    """What a description counts: the id of its variable, its name, the facts of its cells."""

    id: str
    name: str
    facts: Facts


def option_lines(
    found: Inspection, source_id: str, quantities: Sequence[Quantity], words: Catalogue
) -> list[str]:
    """The table of options of a source, as lines of TOML."""
    lines = ["", f"[sources.{toml_key(source_id)}.options]"]
    lines += [f"{key} = {toml_value(value)}" for key, value in found.container.items()]
    lines.append(f"makes = {toml_value(found.makes)}")
    lines += _area_lines(found, words)
    lines += _number_lines(found, quantities, words)
    lines += _period_lines(found, quantities)
    if found.makes == "figure":
        lines += _figure_lines(found, quantities)
    else:
        lines += _place_lines(found)
    return lines


def _area_lines(found: Inspection, words: Catalogue) -> list[str]:
    areas = found.areas
    if areas is None:
        return ["# No column of codes: services are located by their points."]
    lines = [f"area_column = {toml_value(areas.column)}"]
    if areas.level:
        lines.append(f"level = {toml_value(areas.level)}")
    elif areas.level_column:
        lines.append(f"level_column = {toml_value(areas.level_column)}")
        lines.append(f"levels = {toml_value(areas.levels)}  # empty: rows left out")
    else:
        lines.append(
            f"levels = {toml_value(list(areas.mixed))}  # each by how its codes are written"
        )
    if areas.edition:
        lines.append(
            f"edition = {toml_value(areas.edition)}  # the codes are those of 1 January of "
            "this year"
        )
    if areas.parts and found.makes == "figure":
        lines.append(
            f"parts = {toml_value(areas.parts)}  # parts of areas: left_out (their whole is in "
            "the file) or summed"
        )
    if areas.padded:
        share = f"{100 * areas.padded:.0f}"
        lines.append(f"# {share}% of the codes lost their leading zero; it is given back.")
    return lines


def _number_lines(found: Inspection, quantities: Sequence[Quantity], words: Catalogue) -> list[str]:
    facts = [quantity.facts for quantity in quantities] or [
        found.fact(name) for name in found.values
    ]
    lines = []
    if any(one.decimal == "," for one in facts):
        lines.append(f"decimal = {toml_value(_decimal(facts))}")
    grouping = next((one.grouping for one in facts if one.grouping), "")
    if any(one.is_ambiguous for one in facts):
        lines.append(f"grouping = {toml_value(FILL)}  {TO_FILL}: is 1.234 a thousand or a decimal?")
    elif grouping:
        lines.append(f"grouping = {toml_value(grouping)}")
    texts = {text: count for one in facts for text, count in one.marks.items()}
    known = {text: words.territory.marks[text] for text in texts if text in words.territory.marks}
    strange = {
        text: FILL
        for text, count in sorted(texts.items(), key=lambda item: -item[1])
        if text not in known and not re.search("[0-9]", text)
    }
    if known or strange:
        note = f"  {TO_FILL}: suppressed, missing or not_applicable" if strange else ""
        lines.append(f"marks = {toml_value({**known, **strange})}{note}")
    if any(one.blanks for one in facts):
        lines.append(
            '# An empty cell is missing; if it is a secret here: marks = { "" = "suppressed" }'
        )
    return lines


def _decimal(facts: Sequence[Facts]) -> str:
    """The sign of most of the columns that have one."""
    signs = [one.decimal for one in facts if not one.is_whole]
    return max(set(signs), key=signs.count) if signs else "."


def _period_lines(found: Inspection, quantities: Sequence[Quantity]) -> list[str]:
    if found.period_column:
        return [
            f"period_column = {toml_value(found.period_column)}",
            f"grammar = {toml_value(found.grammar)}",
        ]
    undated = [q for q in quantities if q.name not in found.dated]
    if found.makes == "figure" and quantities and not undated:
        return []
    if found.file_year:
        return [f"period = {toml_value(found.file_year)}  # read in the name of the file"]
    latest = latest_year(found)
    if latest:
        return [f"period = {toml_value(latest)}  # that of other columns: check it"]
    return [f"period = {toml_value(FILL)}  {TO_FILL}: the year that the figures are of"]


def _figure_lines(found: Inspection, quantities: Sequence[Quantity]) -> list[str]:
    lines = []
    if found.dimensions:
        only = {name: [word or FILL] for name, word in found.dimensions.items()}
        lines.append(f"only = {toml_value(only)}  # the rows that are wanted")
        for name in found.dimensions:
            lines.append(f"# {toml_comment(name)}: {_sample(found.fact(name))}")
    if found.variable_column:
        lines.append(f"value_column = {toml_value(found.values[-1] if found.values else FILL)}")
        lines.append(f"variable_column = {toml_value(found.variable_column)}")
        variables = {quantity.name: quantity.id for quantity in quantities}
        lines.append(f"variables = {toml_value(variables)}")
        left = [w for w in found.fact(found.variable_column).words if w not in variables]
        if left:
            lines.append(f"# Left aside: {toml_comment(', '.join(left))}")
        return lines
    usual = _decimal([quantity.facts for quantity in quantities])
    for quantity in quantities:
        dated = found.dated.get(quantity.name)
        column = dated.pattern if dated else quantity.name
        said: dict[str, str] = {"variable": quantity.id}
        if quantity.facts.decimal != usual and not quantity.facts.is_whole:
            said["decimal"] = quantity.facts.decimal
        note = (
            f"  # {dated.year}, guessed from the name: check it" if dated and dated.is_guess else ""
        )
        lines.append(f"columns.{toml_value(column)} = {toml_value(said)}{note}")
    left = [name for name in found.values if name not in {q.name for q in quantities}]
    if left:
        lines.append(f"# Left aside (--columns A,B to choose): {toml_comment(', '.join(left))}")
    return lines


def _place_lines(found: Inspection) -> list[str]:
    ids = [c for c in found.columns if c.distinct >= 0.99 * found.row_count]
    names = [c for c in found.columns if not c.is_number and not c.grammar and c.distinct > 1]
    id_column = next((c.name for c in ids), FILL)
    wordy = [c for c in names if c.name != id_column and "nam" in folded(c.name)] or [
        c
        for c in names
        if c.name != id_column and (found.areas is None or c.name != found.areas.column)
    ]
    name_column = max(wordy, key=lambda c: c.distinct).name if wordy else FILL
    lines = [
        f"id_column = {toml_value(id_column)}  # check it",
        f"name_column = {toml_value(name_column)}  # check it",
        f"category = {toml_value(FILL)}  {TO_FILL}: what kind of service this is, as an id",
    ]
    if found.longitude:
        lines.append(f"longitude_column = {toml_value(found.longitude)}")
        lines.append(f"latitude_column = {toml_value(found.latitude)}")
    capacity = [n for n in found.values if any(word in folded(n) for word in _CAPACITY)]
    if capacity:
        lines.append(f"capacity_column = {toml_value(capacity[0])}")
        lines.append(f"capacity_unit = {toml_value(FILL)}  {TO_FILL}: places, beds...")
    if found.makes == "equipment":
        counts = [n for n in found.values if n not in capacity]
        lines = [
            f"category = {toml_value(FILL)}  {TO_FILL}",
            f"equipment_code = {toml_value(FILL)}  {TO_FILL}: or code_column",
            f"count_column = {toml_value(counts[0] if counts else FILL)}",
        ]
    return lines


def latest_year(found: Inspection) -> str:
    """The latest year that names of columns hold, or nothing."""
    return max((dated.year for dated in found.dated.values()), default="")


def _sample(facts: Facts) -> str:
    texts = list(facts.words)
    return toml_comment(", ".join(texts[:20])) + (", ..." if len(texts) > 20 else "")
