"""What one process writes on a disk that is full: in the state, a decision, a draft, a download."""

from __future__ import annotations

import shutil
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pandas as pd

from etl import decisions
from etl.download import download
from geodata import jobs, quarantine, release, reviews, schema, state
from geodata.catalogue.loader import catalogue
from geodata.durable import file_sha256
from geodata.failure import Failure, full_disk_told
from geodata.settings import settings
from tests.torture import Tally
from tests.volume import Volume

TERRITORY = "haute_loire"
#: Bytes left to a write: none, and then a little more than each of its parts needs.
ROOMS = (0, 1 << 12, 1 << 13, 3 << 12, 1 << 14, 3 << 13, 1 << 15, 5 << 13, 3 << 14, 1 << 16)
#: Tables of the state that an officer's act adds a row to.
_COUNTED = ("job", "review", "mend")


@dataclass(frozen=True)
class Act:
    """Something that is written, and what it adds: rows in the state, publications."""

    name: str
    do: Callable[[Path], Any]
    adds: tuple[int, int, int, int]


def settled(folder: Path) -> Any:
    """The settings of a data folder that asks nothing of the network."""
    return settings({"VIGIE_DATA": str(folder), "VIGIE_DOWNLOADS": "no", "VIGIE_SETTLE": "0"})


def in_state(write: Callable[[state.Engine], Any]) -> Callable[[Path], Any]:
    """A write in the state by somebody who opens it for that."""

    def act(folder: Path) -> Any:
        engine = state.state_engine(folder)
        try:
            return write(engine)
        finally:
            engine.dispose()

    return act


def decided(take: Callable[..., Any]) -> Callable[[Path], Any]:
    """A decision of a person."""
    return lambda folder: take(settled(folder), "Odile Martin", "torture")


ACTS = (
    Act("a job", in_state(lambda e: jobs.ask(e, "rollback", TERRITORY, "Odile")), (1, 0, 0, 0)),
    Act("a cancel", in_state(lambda e: jobs.ask_cancel(e, 1, "Odile Martin")), (0, 0, 0, 0)),
    Act(
        "a mend",
        in_state(
            lambda e: quarantine.write_mends(e, "births", "f" * 64, {2: {"v": "1"}}, "Odile Martin")
        ),
        (0, 0, 1, 0),
    ),
    Act(
        "a review",
        in_state(lambda e: reviews.write_review(e, "000001-a", "approved", "Odile Martin", "")),
        (0, 1, 0, 0),
    ),
    Act("a roll back", decided(decisions.roll_back), (0, 1, 0, 1)),
    Act("a publication", decided(decisions.publish_waiting), (0, 1, 0, 1)),
    Act("a refusal", decided(decisions.refuse_waiting), (0, 1, 0, 0)),
    Act("a draft", lambda folder: _made(folder, 40_000), (0, 0, 0, 1)),
)


def campaign(volume: Volume, base: Path, tally: Tally, is_quick: bool) -> None:
    """Each act at each size of the disk, the state open elsewhere or not."""
    template = base / "template"
    for rows in (10, 20):
        _made(template, rows)
    _made(template, 30, waits=True)
    in_state(lambda e: jobs.ask(e, "refresh", TERRITORY, "Odile Martin"))(template)
    quick = [(act, 0, True) for act in ACTS if act.name in ("a job", "a draft")]
    every = [(act, room, is_open) for act in ACTS for room in ROOMS for is_open in (True, False)]
    for number, (act, room, is_open) in enumerate(quick if is_quick else every):
        folder = volume.folder / str(number)
        shutil.copytree(template, folder)
        for fault in faults_of(act, volume, folder, room, is_open, tally):
            where = "open elsewhere" if is_open else "open nowhere"
            tally.faults.append(f"{act.name}, {room} bytes left, the state {where}: {fault}")
        volume.widen()
        shutil.rmtree(folder)
    if not is_quick:
        tally.faults += [f"a download: {fault}" for fault in download_faults(volume, base, tally)]


def faults_of(
    act: Act, volume: Volume, folder: Path, room: int, is_open: bool, tally: Tally
) -> list[str]:
    """What goes wrong when an act meets a full disk, and then has room again."""
    found = []
    before = counted(folder)
    other = state.state_engine(folder) if is_open else None
    volume.leave(room)
    try:
        act.do(folder)
        has_failed = False
    except Failure as error:
        has_failed = True
        for said in (error.message.fr, error.message.en):
            if not any(words in said for words in ("disque est plein", "disk is full")):
                found.append(f"the disk is not named: {said}")
            if str(volume.folder) not in said:
                found.append(f"the folder is not named: {said}")
    except Exception as error:
        has_failed = True
        found.append(f"{type(error).__name__}: {error}")
    tally.done[f"{act.name}: {'refused' if has_failed else 'done'}"] += 1
    volume.widen()
    found += state_faults(folder) + release_faults(folder)
    if has_failed:
        if counted(folder) != before:
            found.append(f"refused, and yet something is written: {before} {counted(folder)}")
        act.do(folder)
        found += state_faults(folder) + release_faults(folder)
    if other is not None:
        other.dispose()
    added = tuple(b - a for a, b in zip(before, counted(folder), strict=True))
    return found if added == act.adds else [*found, f"it adds {added}, not {act.adds}"]


def counted(folder: Path) -> tuple[int, ...]:
    """How many rows of each table the state has, and how many publications there were."""
    with closing(sqlite3.connect(folder / "state.sqlite")) as connection:
        rows = [connection.execute(f"SELECT count(*) FROM {t}").fetchone()[0] for t in _COUNTED]
    return (*rows, len(release.publications(folder)))


def state_faults(folder: Path) -> list[str]:
    """What is wrong with the state: damage, and a release that two runs say they published."""
    with closing(sqlite3.connect(folder / "state.sqlite")) as connection:
        said = [row[0] for row in connection.execute("PRAGMA integrity_check")]
        twice = connection.execute(
            "SELECT release_id FROM run WHERE outcome = 'published' "
            "GROUP BY release_id HAVING count(*) > 1"
        ).fetchall()
    return [f"state: {text}" for text in said if text != "ok"] + [f"twice: {row}" for row in twice]


def release_faults(folder: Path) -> list[str]:
    """What is wrong with the releases: one that is not whole, or the room of one nobody reads."""
    current, waiting = release.current_release(folder), release.waiting_release(folder)
    named = [*release.kept_releases(folder), *([waiting] if waiting else [])]
    found = [
        f"{one.release_id} is not whole"
        for one in named
        if file_sha256(one.database) != one.database_sha256
    ]
    left = {path.name for path in (folder / "releases").iterdir()} - {r.release_id for r in named}
    found += [f"left behind: {name}" for name in sorted(left)]
    return found if current else [*found, "nothing is published any more"]


def download_faults(volume: Volume, base: Path, tally: Tally) -> list[str]:
    """What goes wrong when a download meets a full disk, and then has room again."""
    served = base / "served"
    served.mkdir()
    content = b"code,value\n" + b"0123456789\n" * 300_000
    (served / "births.csv").write_bytes(content)
    handler = partial(_Quiet, directory=str(served))
    found = []
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/births.csv"
        entry = replace(catalogue(TERRITORY).sources["insee_births"], address=address)
        for room in (0, 1 << 16, 1 << 20, 3 << 20):
            folder = volume.folder / f"downloads-{room}"
            folder.mkdir()
            volume.leave(room)
            try:
                with full_disk_told(folder):
                    download(entry, folder, waits=(0.0,))
                found.append(f"{room} bytes were enough")
            except Failure as error:
                tally.done["a download: refused"] += 1
                if "disk is full" not in error.message.en:
                    found.append(f"the disk is not named: {error}")
            volume.widen()
            taken = Path(download(entry, folder, waits=(0.0,)).path)
            if taken.read_bytes() != content:
                found.append(f"with room again after {room} bytes the file is another")
            shutil.rmtree(folder)
        server.shutdown()
    return found


class _Quiet(SimpleHTTPRequestHandler):
    """A server of files that says nothing, even when whoever asked has left."""

    def log_message(self, *_given: Any) -> None:
        pass

    def copyfile(self, source: Any, outputfile: Any) -> None:
        with suppress(ConnectionError):
            super().copyfile(source, outputfile)


def _made(folder: Path, rows: int, waits: bool = False) -> release.Release:
    """A release of some figures, published or waiting."""
    about = pd.DataFrame(
        {
            "schema_version": [schema.SCHEMA_VERSION],
            "territory_id": [TERRITORY],
            "catalogue_sha256": ["c"],
            "recipe_sha256": ["r"],
            "inputs_sha256": ["i"],
        }
    )
    figures = pd.DataFrame({"area_id": [f"{n:05d}" for n in range(rows)]}).assign(
        variable="births", level="commune", period="2020", value=1.0, status="observed"
    )
    with release.refresh_lock(folder), release.draft(folder) as draft:
        draft.load(schema.figure, figures)
        draft.load(schema.about, about)
        current = release.current_release(folder)
        making = release.Making(TERRITORY, "r", "i", current.release_id if current else None)
        sealed = release.seal(draft, folder, making)
        if waits:
            release.wait(folder, sealed.release_id)
            return sealed
        return release.publish(folder, sealed.release_id, "Odile Martin", "torture", keep=5)
