"""`vigie report`: the gap report and profiles as PDF, without a browser, for scheduled sending."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from geodata.durable import replace_durably
from geodata.settings import settings

if TYPE_CHECKING:
    from dashboard.pages import View

    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

#: The parts of an address that options of a command stand for.
_GAP_PARTS = ("service", "standard", "level", "period", "area", "compared", "sort", "only")


def commands(subparsers: Subparsers) -> None:
    """Add ``report`` to the subcommands of ``vigie``."""
    report = subparsers.add_parser(
        "report",
        help="write a gap report or a profile as PDF",
        description="Write what a page shows as a PDF, from the same release and the same figures.",
    )
    kinds = report.add_subparsers(dest="kind", required=True, metavar="KIND")
    gaps = kinds.add_parser("gaps", help="the gap report of a service")
    for name, told in (
        ("service", "a service of the release"),
        ("standard", "what the need is measured by"),
        ("level", "a level of the territory"),
        ("period", "a period of the service"),
        ("area", "the code of an area of that level, to look at closely"),
        ("compared", "codes of other areas, with commas"),
        ("sort", "a column of the table, with - first from the highest down"),
        ("only", "filters, with commas: shortage, nothing_near, solid, within:LEVEL/CODE..."),
    ):
        gaps.add_argument(f"--{name}", default="", help=told)
    _add_common(gaps, "the file to write")
    gaps.set_defaults(run=run_gaps)
    area = kinds.add_parser("area", help="the profile of an area, on two pages")
    area.add_argument("--level", required=True, help="a level of the territory")
    area.add_argument("--area", default="", help="the code of the area [the whole territory]")
    _add_common(area, "the file to write")
    area.set_defaults(run=run_area)
    areas = kinds.add_parser("areas", help="the profiles of all areas of a level of the territory")
    areas.add_argument("--level", required=True, help="a level of the territory")
    _add_common(areas, "the folder to write into")
    areas.set_defaults(run=run_areas)


def _add_common(parser: argparse.ArgumentParser, out: str) -> None:
    parser.add_argument("--release", default="", help="the id of a kept release [the current one]")
    parser.add_argument("--language", choices=("fr", "en"), default="fr", help="[fr]")
    parser.add_argument(
        "--address", default="", help="where the observatory answers [VIGIE_HOST and VIGIE_PORT]"
    )
    parser.add_argument("--out", required=True, type=Path, help=out)


def run_gaps(given: argparse.Namespace) -> int:
    """`vigie report gaps`: 0 when written, 1 when it could not be."""
    from dashboard.paper.gap_report import check_gaps, gap_report

    view = _view(given, "gaps", {name: getattr(given, name) for name in _GAP_PARTS})
    if view is None:
        return 1
    check_gaps(view)
    return _write(given.out, gap_report(view, address_of(given)))


def run_area(given: argparse.Namespace) -> int:
    """`vigie report area`: 0 when written, 1 when it could not be."""
    from dashboard.paper.area_profile import area_profile

    view = _view(given, "profile", {"level": given.level, "area": given.area})
    if view is None:
        return 1
    return _write(given.out, area_profile(view, address_of(given)))


def run_areas(given: argparse.Namespace) -> int:
    """`vigie report areas`: 0 when all are written, 1 when they could not be.

    A file an area of the territory, in the order of their codes; each is written whole.
    """
    from rich.console import Console
    from rich.progress import Progress

    from dashboard.paper.area_profile import area_profile, area_profile_name
    from geodata.model import AreaKey

    view = _view(given, "profile", {"level": given.level})
    if view is None:
        return 1
    words, found = view.words, _own_areas(view, given.level)
    if not found:
        print(f"vigie: {words('report_command.no_areas', level=given.level)}", file=sys.stderr)
        return 1
    given.out.mkdir(parents=True, exist_ok=True)
    console = Console(stderr=True)
    with Progress(console=console) as progress:
        told = progress.add_task(words("report_command.writing"), total=len(found))
        for area_id in found:
            key = AreaKey(given.level, area_id)
            one = replace(view, selection=view.selection.changed(area=key))
            path = given.out / area_profile_name(one)
            replace_durably(path, area_profile(one, address_of(given)))
            progress.advance(told)
    print(words("report_command.written", count=len(found), folder=given.out))
    return 0


def _own_areas(view: View, level: str) -> list[str]:
    """The codes of the areas of a level that are the territory's own, in order."""
    from dashboard import data

    frame = data.areas(view.principal, view.release, level)
    return sorted(str(one) for one in frame.loc[frame["role"] == "territory", "area_id"])


def address_of(given: argparse.Namespace) -> str:
    """Where the observatory answers: as told, else as it is set."""
    chosen = settings()
    host = f"[{chosen.host}]" if ":" in chosen.host else chosen.host
    return str(given.address) or f"http://{host}:{chosen.port}"


def _view(given: argparse.Namespace, page: str, parts: dict[str, str]) -> View | None:
    """What the page would show for these parts; None, said aloud, where it would not show them."""
    from dashboard import data
    from dashboard.addresses import PATHS
    from dashboard.sight import view_at
    from dashboard.wording import Words
    from geodata.model import Principal

    chosen, words = settings(), Words(given.language)
    asked = {name: text for name, text in {**parts, "release": given.release}.items() if text}
    # Whoever has the files on this machine may read them.
    principal = Principal("local", "director", (chosen.territory,))
    try:
        view = view_at(chosen, principal, PATHS[given.language, page], urlencode(asked))
    except data.Unready as error:
        detail = words(f"unready.{error.state}", detail=error.detail)
        print(f"vigie: {words(f'unready.{error.state}_title')}. {detail}", file=sys.stderr)
        return None
    refused = [one for one in view.remarks if one.name]
    for one in refused:
        told = words("report_command.refused", name=one.name, given=one.given)
        offered = _offered(view, one.name)
        if offered:
            told = f"{told} {words('report_command.offered', offered=', '.join(offered))}"
        print(f"vigie: {told}", file=sys.stderr)
    return None if refused else view


def _offered(view: View, name: str) -> list[str]:
    """What could have been asked for in a part of the address."""
    from geodata.release import kept_releases

    chosen, offer = view.selection, view.offer
    if name == "service":
        return list(offer.services)
    if name == "standard":
        return list(offer.standards.get(chosen.service, ()))
    if name == "level":
        return list(
            offer.services.get(chosen.service, {}) if chosen.page == "gaps" else offer.areas
        )
    if name == "period":
        return list(offer.services.get(chosen.service, {}).get(chosen.level, ()))
    if name == "release":
        return [one.release_id for one in kept_releases(view.settings.data)]
    return []


def _write(out: Path, content: bytes) -> int:
    """Write a file whole or not at all, and say where it is."""
    out.parent.mkdir(parents=True, exist_ok=True)
    replace_durably(out, content)
    print(out)
    return 0
