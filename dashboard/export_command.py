"""`vigie export`: the file that a page offers, written without a server, for scheduled sending."""

from __future__ import annotations

import argparse
import os
import sys
import uuid
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode

from geodata.failure import Failure
from geodata.settings import Settings, settings

if TYPE_CHECKING:
    from dashboard.exports.forms import Made
    from dashboard.pages import View
    from dashboard.selection import Remark
    from dashboard.wording import Words

    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

#: The parts of an address that have an option of their own, and what each is.
_OPTIONS = {
    "indicator": "id of the indicator",
    "level": "level of the areas",
    "period": "period of the figures",
    "area": "official code of the selected area",
    "service": "id of the service (gaps)",
    "standard": "what need is measured by (gaps)",
    "sort": "column that ranks, - first for the highest down (gaps)",
    "only": "filters, such as shortage,solid",
    "priority": "id of the order (priorities)",
    "weights": "own weights, such as 5,10,0 (priorities)",
    "sector": "the only sector (chain)",
    "beside": "id of the second indicator (compare)",
    "figure": "the figure whose table is written (compare)",
    "release": "id of a kept release",
}
#: Options that an address calls otherwise: ``--form`` is the form of the file.
_IN_ADDRESS = {"figure": "form"}
_MOST_CHOICES = 40


class ExportError(Failure):
    """What was asked for cannot be written; the message names the option and the mend."""


def commands(subparsers: Subparsers) -> None:
    """Add ``export`` to the subcommands of ``vigie``."""
    export = subparsers.add_parser(
        "export",
        help="write the table of a page as a file",
        description="Write what a page shows: CSV, workbook, GeoPackage, GeoJSON or GeoParquet.",
    )
    pages = ("map", "gaps", "priorities", "chain", "compare", "profile", "level")
    export.add_argument("--page", choices=pages, default="map", help="whose table [map]")
    export.add_argument("--query", default="", help="what follows the ? in the page's address")
    forms = ("csv", "xlsx", "gpkg", "geojson", "parquet")
    export.add_argument("--form", choices=forms, default="csv", help="form of the file [csv]")
    export.add_argument("--language", choices=("fr", "en"), default="en", help="[en]")
    export.add_argument("--out", type=Path, help="file or folder [a name that says what it holds]")
    export.add_argument(
        "--bom",
        action=argparse.BooleanOptionalAction,
        help="begin a CSV with a byte order mark [in French]",
    )
    for name, told in _OPTIONS.items():
        export.add_argument(f"--{name}", help=told)
    export.set_defaults(run=run_export)


def run_export(given: argparse.Namespace) -> int:
    """`vigie export`: 0 when written, 1 when nothing is published or the selection is not one."""
    from dashboard import data
    from dashboard.terminal import unready_lines
    from dashboard.wording import Words

    chosen, words = settings(), Words(given.language)
    try:
        made = _made(chosen, words, given)
        path = _path(given.out, made.name)
        size = _write(path, made.content)
    except data.Unready as error:
        print("\n".join(unready_lines(words, error)))
        return 1
    except ExportError as error:
        print(f"vigie: {words.of(error.message)}", file=sys.stderr)
        return 1
    print(words("export_command.written", path=path, size=_amount(words, size)))
    return 0


def _made(chosen: Settings, words: Words, given: argparse.Namespace) -> Made:
    from dashboard.addresses import PATHS
    from dashboard.exports.forms import made_file
    from dashboard.exports.naming import TABLES
    from dashboard.sight import view_at
    from dashboard.terminal import local_principal

    table = TABLES[given.page]
    if given.form not in table.forms:
        choices = ", ".join(table.forms)
        raise _both("no_form", given=given.form, page=given.page, choices=choices)
    search = _search(given)
    path = PATHS[given.language, table.page]
    view = view_at(chosen, local_principal(chosen), path, search)
    if view.remarks:
        raise _refused(view, view.remarks)
    host = f"[{chosen.host}]" if ":" in chosen.host else chosen.host
    base = f"http://{host}:{chosen.port}"
    made = made_file(view, given.page, given.form, base, has_mark=given.bom)
    if made is None:
        raise _both("nothing")
    return made


def _search(given: argparse.Namespace) -> str:
    """The query of the address: that of ``--query``, and over it what has options of its own."""
    query = given.query.removeprefix("?")
    parts = dict(parse_qsl(query, keep_blank_values=True))
    if query and not any(parts.values()):
        raise _both("no_query", given=query)
    named = {_IN_ADDRESS.get(name, name): getattr(given, name) for name in _OPTIONS}
    return urlencode(parts | {name: text for name, text in named.items() if text is not None})


def _refused(view: View, remarks: Sequence[Remark]) -> ExportError:
    """Each part that was not followed: its option, what it said, what may be said instead."""
    lines = [_refusal(view, remark) for remark in remarks]
    return ExportError(
        "\n".join(one.message.fr for one in lines), "\n".join(one.message.en for one in lines)
    )


def _refusal(view: View, remark: Remark) -> ExportError:
    from dashboard.selection import Selection

    if not remark.name:
        known = ", ".join(Selection.__slots__[2:])
        return _both("unknown_part", given=remark.given, choices=known)
    choices = _choices(view, remark)
    option = _option(remark.name)
    if choices is None:
        return _both("not_understood", option=option, given=remark.given)
    said = ", ".join(choices[:_MOST_CHOICES]) + (", …" if len(choices) > _MOST_CHOICES else "")
    key = "no_release" if remark.name == "release" else "not_offered"
    return _both(key, option=option, given=remark.given, choices=said)


def _option(name: str) -> str:
    """How a part of an address is given on the command line."""
    named = {_IN_ADDRESS.get(option, option): option for option in _OPTIONS}
    return f"--{named[name]}" if name in named else f"--query {name}"


def _choices(view: View, remark: Remark) -> list[str] | None:
    """What may stand in a part of an address; None where it is no choice among some."""
    from dashboard import offer as offers
    from dashboard.selection import levels_offered
    from geodata.model import Sector

    chosen, offer = view.selection, view.offer
    levels = levels_offered(offer, chosen.page, chosen.indicator, chosen.service, chosen.priority)
    fixed: Mapping[str, Iterable[str]] = {
        "indicator": offer.indicators,
        "beside": offer.indicators,
        "service": offer.services,
        "standard": offer.standards.get(chosen.service, ()),
        "priority": offer.priorities,
        "level": levels,
        "period": levels.get(chosen.level, ()),
        "sort": offer.sorts(chosen.page, chosen.level),
        "classing": offers.CLASSINGS,
        "form": offers.FORMS,
        "sector": Sector,
        "link": offers.LINKS,
    }
    if remark.name == "area":
        return _near_areas(view, remark.given)
    if remark.name == "release":
        return _kept(view)
    return [str(one) for one in fixed[remark.name]] if remark.name in fixed else None


def _near_areas(view: View, given: str) -> list[str]:
    """The areas of the level whose name or code looks like what was given."""
    from dashboard import data
    from dashboard.area_command import near_codes

    areas = data.areas(view.principal, view.release, view.selection.level)
    shown = areas[areas["role"] != "edge"]
    names = dict(zip(shown["area_id"].astype(str), shown["name"].astype(str), strict=True))
    near = near_codes(given, names) or list(names)[:3]
    return [f"{code} ({names[code]})" for code in near]


def _kept(view: View) -> list[str]:
    from geodata.release import kept_releases

    kept = [release.release_id for release in kept_releases(view.settings.data)]
    return list(dict.fromkeys([view.release.release_id, *kept]))


def _both(key: str, **parts: object) -> ExportError:
    """An error in the words of both languages."""
    from dashboard.wording import Words

    texts = [Words(language)(f"export_command.{key}", **parts) for language in ("fr", "en")]
    return ExportError(*texts)


def _path(out: Path | None, name: str) -> Path:
    """Where the file goes: as told, in the folder told, or here under its own name."""
    if out is None:
        return Path(name)
    return out / name if out.is_dir() else out


def _write(path: Path, content: bytes | Iterable[bytes]) -> int:
    """Write a file beside its place, then put it there in one step; how many bytes it has.

    Raises
    ------
    ExportError
        Where nothing can be written.
    """
    fresh = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        with fresh.open("wb") as file:
            for piece in [content] if isinstance(content, bytes) else content:
                file.write(piece)
            size = file.tell()
        os.replace(fresh, path)
    except OSError as error:
        raise _both("unwritable", path=path, why=error.strerror) from error
    finally:
        fresh.unlink(missing_ok=True)
    return size


def _amount(words: Words, size: int) -> str:
    """A size in kilobytes, one at least."""
    unit = "ko" if words.language == "fr" else "kB"
    return words.amount(max(size / 1000, 1), 0, unit)
