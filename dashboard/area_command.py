"""`vigie area LEVEL CODE`: in a terminal, what the pages say of one area."""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING

from geodata.failure import Failure
from geodata.settings import settings

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console

    from dashboard.reader import Reader
    from geodata.catalogue.nouns import ServiceCategory
    from geodata.model import AreaKey

    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

#: How many near names an error proposes.
_PROPOSED = 5


class UnknownAreaError(Failure):
    """No area of this code is at this level; the message names those that look like it."""


def commands(subparsers: Subparsers) -> None:
    """Add ``area`` to the subcommands of ``vigie``."""
    area = subparsers.add_parser(
        "area",
        help="say what is known of one area: priority, care chain, gaps",
        description="Print the priority, first broken link, care chain and gaps of an area.",
    )
    area.add_argument("level", metavar="LEVEL", help="a level of the territory")
    area.add_argument("code", metavar="CODE", help="the official code of the area")
    area.add_argument("--language", choices=("fr", "en"), default="en", help="[en]")
    area.set_defaults(run=run_area)


def run_area(given: argparse.Namespace) -> int:
    """`vigie area`: 0 when printed, 1 when nothing is published or no such area is known."""
    from rich.console import Console

    from dashboard import data
    from dashboard.reader import Reader
    from dashboard.terminal import local_principal, unready_lines
    from dashboard.wording import Words
    from geodata.catalogue.loader import catalogue

    chosen, words = settings(), Words(given.language)
    console = Console(highlight=False)
    try:
        release = data.open_release(chosen)
    except data.Unready as error:
        for line in unready_lines(words, error):
            console.print(line, markup=False)
        return 1
    known = catalogue(chosen.territory, chosen.descriptions)
    reader = Reader(local_principal(chosen), release, known, words)
    try:
        key, name = _found(reader, given.level, given.code)
    except UnknownAreaError as error:
        print(f"vigie: {words.of(error.message)}", file=sys.stderr)
        return 1
    _print_head(console, reader, key, name)
    _print_invented(console, reader)
    _print_priorities(console, reader, key)
    _print_chain(console, reader, key)
    _print_gaps(console, reader, key)
    _print_values(console, reader, key)
    return 0


def _found(reader: Reader, level: str, code: str) -> tuple[AreaKey, str]:
    """The area of this level and code, and its name.

    Raises
    ------
    UnknownAreaError
        When there is none; near levels, codes and names are proposed.
    """
    from dashboard import data
    from geodata.model import AreaKey

    levels = [one.id for one in reader.catalogue.territory.levels]
    if level not in levels:
        said = ", ".join(levels)
        raise UnknownAreaError(
            f"Le niveau « {level} » n’existe pas. Les niveaux : {said}.",
            f"There is no level {level!r}. The levels: {said}.",
        )
    areas = data.areas(reader.principal, reader.release, level)
    shown = areas[areas["role"] != "edge"]
    names = dict(zip(shown["area_id"], shown["name"], strict=True))
    if code in names:
        return AreaKey(level, code), str(names[code])
    near = ", ".join(f"{names[one]} ({one})" for one in near_codes(code, names))
    raise UnknownAreaError(
        f"« {code} » n’est pas le code d’un territoire de ce niveau ({level})."
        + (f" Peut-être : {near}." if near else ""),
        f"{code!r} is not the code of an area of this level ({level})."
        + (f" Perhaps: {near}." if near else ""),
    )


def near_codes(given: str, names: dict[str, str]) -> list[str]:
    """The codes whose name or code looks like what was given, the likeliest first."""
    wanted = given.casefold()
    holding = [code for code, name in names.items() if wanted in name.casefold()]
    by_name = {name.casefold(): code for code, name in names.items()}
    alike = [by_name[name] for name in get_close_matches(wanted, by_name, _PROPOSED)]
    alike += get_close_matches(given, names, _PROPOSED)
    return list(dict.fromkeys([*holding, *alike]))[:_PROPOSED]


def _print_head(console: Console, reader: Reader, key: AreaKey, name: str) -> None:
    words, release = reader.words, reader.release
    level = words.of(reader.catalogue.territory.level(key.level).one)
    console.print(f"[bold]{_plain(name)}[/bold] ({_plain(level)}, {_plain(key.area_id)})")
    day = words.day(release.published_at or release.made_at)
    console.print(words("area_command.release", number=release.number, day=day), style="dim")


def _print_invented(console: Console, reader: Reader) -> None:
    """Everything is printed, so whatever is invented is in it."""
    from dashboard import data
    from dashboard.components.told import source_name

    words = reader.words
    invented = data.invented_sources(reader.principal, reader.release)
    if invented:
        names = sorted(source_name(words, reader.catalogue, one) for one in invented)
        told = words("data.invented_partly", names=words("chart.list").join(names))
        console.print(f"[bold]{words('data.invented')}[/bold] {_plain(told)}")


def _print_priorities(console: Console, reader: Reader, key: AreaKey) -> None:
    from dashboard.standing import standings

    words, found = reader.words, standings(reader, key)
    for standing in found:
        _print_title(console, standing.name)
        for line in (standing.rank or standing.why, *standing.held):
            console.print(_plain(line))
        if standing.parts:
            named = ("indicator", "value", "weight", "points")
            heads = [words(f"priority.{name}") for name in named]
            heads.insert(1, words("area_command.unit"))
            rows = [
                (part.name, f"{part.unit}, {part.period}", part.value, part.weight, part.points)
                for part in standing.parts
            ]
            if standing.total:
                rows.append((words("priority.total"), "", "", "", standing.total))
            _print_table(console, heads, rows, texts=2)
    if not found:
        console.print(words("area_command.no_priority"))


def _print_chain(console: Console, reader: Reader, key: AreaKey) -> None:
    from dashboard.chain import chain_of, state_words

    words, chain = reader.words, chain_of(reader, key)
    _print_title(console, words("care_chain.title"))
    if chain is None:
        territory = words.of(reader.catalogue.territory.name)
        console.print(_plain(words("care_chain.outside", territory=territory)))
        return
    console.print(_plain(chain.sentence))
    rows = [
        [
            f"{number}. {row.name}",
            *(state_words(reader, cell.state) if cell else "" for cell in row.cells),
        ]
        for number, row in enumerate(chain.rows, start=1)
    ]
    heads = [words("area_command.step"), *chain.sectors]
    _print_table(console, heads, rows, texts=len(heads))
    for said in chain.unknown:
        console.print(_plain(said), style="dim")


def _print_gaps(console: Console, reader: Reader, key: AreaKey) -> None:
    words = reader.words
    _print_title(console, words("area_command.gaps"))
    named = ("gap", "interval", "p_gap")
    heads = [words("area_command.service"), words("area_command.period")]
    heads += [words(f"gap_column.{name}") for name in named]
    rows, silent = list[list[str]](), list[str]()
    for service in reader.catalogue.services.values():
        row = _gap(reader, service, key)
        if row is None:
            continue
        if math.isnan(row["gap"]):
            mark = words(f"silence.{row['status']}")
            silent.append(words("area_command.silent", service=words.of(service.name), why=mark))
        else:
            rows.append(_gap_cells(reader, service, row))
    if rows:
        _print_table(console, heads, rows, texts=1)
        console.print(words("area_command.drawn"), style="dim")
    if silent:
        services = "; ".join(silent)
        console.print(_plain(words("area_command.unknown", services=services)), style="dim")
    if not rows and not silent:
        console.print(words("area_command.no_gaps"))


def _gap(reader: Reader, service: ServiceCategory, key: AreaKey) -> pd.Series | None:
    """The area's row for a service: its latest period, under its first standard."""
    from dashboard import data

    if not service.periods or not service.standards:
        return None
    standard, period = service.standards[0].id, max(service.periods)
    frame = data.gaps(reader.principal, reader.release, service.id, standard, period, key.level)
    found = frame[frame["area_id"] == key.area_id]
    return None if found.empty else found.iloc[0].copy()


def _gap_cells(reader: Reader, service: ServiceCategory, row: pd.Series) -> list[str]:
    from dashboard.certainty import interval_words, verdict_words

    words, status = reader.words, str(row["status"])
    return [
        f"{words.of(service.name)} ({words.of(service.capacity_unit)})",
        max(service.periods),
        words.signed(row["gap"], 1),
        interval_words(words, row["gap_low"], row["gap_high"], status),
        verdict_words(words, row["gap"], row["p_gap"], status),
    ]


def _print_values(console: Console, reader: Reader, key: AreaKey) -> None:
    """Every indicator at its latest period: value, interval, what weakens it."""
    from dashboard import data
    from dashboard.flags import flag_words
    from dashboard.worth import interval_words

    words, known = reader.words, reader.catalogue.indicators
    offered = data.offer(reader.principal, reader.release).indicators
    latest = {x: max(levels[key.level]) for x, levels in offered.items() if key.level in levels}
    found = data.values_at(reader.principal, reader.release, tuple(latest.items()), (key.level,))
    of_area = found[found["area_id"] == key.area_id].set_index("indicator").to_dict("index")
    rows = []
    for name, indicator in known.items():
        row = of_area.get(name)
        if row is not None:
            unit = f"{words.of(indicator.short)} ({words.of(indicator.unit)}, {row['period']})"
            value = words.value(row["value"], row["status"], indicator.decimals)
            interval = interval_words(words, row, indicator.decimals)
            rows.append([unit, flag_words(words, row["flags"]), value, interval])
    if rows:
        _print_title(console, words("area_command.values"))
        heads = [words(f"area_command.{x}") for x in ("indicator", "flags", "value", "interval")]
        _print_table(console, heads, rows, texts=2)


def _print_title(console: Console, title: str) -> None:
    console.print()
    console.print(_plain(title), style="bold blue")


def _print_table(
    console: Console, heads: Sequence[str], rows: Sequence[Sequence[str]], *, texts: int
) -> None:
    """A table without lines; its first ``texts`` columns hold words, which may go on below."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="dim")
    for place, head in enumerate(heads):
        if place < texts:
            table.add_column(_plain(head), overflow="fold")
        else:
            widest = max(len(row[place]) for row in rows)
            table.add_column(_plain(head), justify="right", min_width=widest)
    for row in rows:
        table.add_row(*map(_plain, row))
    console.print(table)


def _plain(text: str) -> str:
    """A text that rich does not read as markup."""
    from rich.markup import escape

    return escape(text)
