"""Roads of an extract of OpenStreetMap, timed by Valhalla inside this process.

The extract is the officer's: `VIGIE_ROADS` names it. It should reach as far beyond the territory
as the longest trip does: a road that it does not hold is no way. The graph is built once and kept
by the hash of the extract. Times are those of a car without traffic; cars drive on the right.
"""

from __future__ import annotations

import copy
import hashlib
import importlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from etl.routing.road_times import untold
from etl.routing.router import (
    Floats,
    NoRoadError,
    NoWayError,
    Progress,
    valhalla_minutes,
    valhalla_question,
)
from etl.source import Ledger, RejectedFile
from geodata.methods.travel_times import FASTEST_KMH

#: What the extra `roads` installs: the wheels that hold the builder of graphs.
PACKAGE = "pyvalhalla" if sys.version_info >= (3, 12) else "pyvalhalla-weekly"
_BUILDER = "valhalla_build_tiles"
#: What the library says when a place has no road, and when places are on roads that do not meet.
_NO_ROAD, _NO_WAY = "No suitable edges", "unconnected regions"


class Valhalla:
    """A :class:`etl.routing.router.Router` on the roads of an extract.

    ``folder`` keeps the graphs, one folder each.
    """

    most_origins = 50
    most_destinations = 5000

    def __init__(self, extract: Path, folder: Path, progress: Progress = untold) -> None:
        """Find the library and the extract; build the graph where it is not there yet.

        Raises
        ------
        RejectedFile
            The extra is not installed, the extract is not there, or it makes no graph.
        """
        self._ledger = Ledger("roads", extract.name)
        self._library = _library(self._ledger)
        if not extract.is_file():
            raise self._ledger.reject(
                "no_extract",
                f"VIGIE_ROADS désigne {extract}, qui n’est pas un fichier",
                f"VIGIE_ROADS names {extract}, which is no file",
                mend_fr="Y déposer un extrait OpenStreetMap (.osm.pbf), ou vider le réglage.",
                mend_en="Put an OpenStreetMap extract (.osm.pbf) there, or empty the setting.",
            )
        with extract.open("rb") as handle:
            sha256 = hashlib.file_digest(handle, "sha256").hexdigest()
        software = str(getattr(self._library, "__version__", ""))
        self.identity = f"valhalla {software} auto {sha256}"
        self._graph = folder / hashlib.sha256(self.identity.encode()).hexdigest()[:32]
        self._actors: dict[float, Any] = {}
        if not self._graph.is_dir():
            self._build(extract, folder, progress)

    def minutes(self, origins: Floats, destinations: Floats, longest_minutes: float) -> Floats:
        """Return (n, m) minutes by car; inf where there is no way, or a far longer one.

        Raises NoRoadError and NoWayError as any router, RejectedFile when the library fails.
        """
        question = valhalla_question(origins, destinations)
        try:
            answer = self._actor(longest_minutes).matrix(question)
        except RuntimeError as error:
            if _NO_ROAD in str(error):
                raise NoRoadError from error
            if _NO_WAY in str(error):
                raise NoWayError from error
            raise self._ledger.reject(
                "routing_failed",
                f"Valhalla échoue : {error}",
                f"Valhalla fails: {error}",
                mend_fr="Vérifier l’extrait, puis supprimer le graphe gardé pour le reconstruire.",
                mend_en="Check the extract, then remove the kept graph so that it is rebuilt.",
            ) from error
        return valhalla_minutes(answer, (len(origins), len(destinations)), self._ledger)

    def _actor(self, longest_minutes: float) -> Any:
        """The library at work on the graph, made once for each reach."""
        if longest_minutes not in self._actors:
            made = self._configuration(self._graph, longest_minutes)
            self._actors[longest_minutes] = self._library.Actor(made)
        return self._actors[longest_minutes]

    def _configuration(self, graph: Path, longest_minutes: float = 0.0) -> dict[str, Any]:
        """The library's own configuration, for this graph and for large blocks, and silent.

        A search from each origin alone (`timedistancematrix`) is exact, and the quickest for few
        origins and many destinations around them. It ends at a cost that the library derives from
        `max_matrix_distance`, 56 metres a second: twice the longest trip and more.
        """
        made: dict[str, Any] = copy.deepcopy(
            self._library.get_config(tile_extract="", tile_dir=str(graph), verbose=False)
        )
        limits = made["service_limits"]["auto"]
        limits["max_matrix_location_pairs"] = self.most_origins * self.most_destinations
        limits["max_matrix_distance"] = max(4e5, 4 * longest_minutes / 60 * FASTEST_KMH * 1000)
        made["thor"]["source_to_target_algorithm"] = "timedistancematrix"
        return made

    def _build(self, extract: Path, folder: Path, progress: Progress) -> None:
        """Build the graph beside its place, then put it there whole; stopped with the job."""
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix="building-") as made:
            graph, log = Path(made) / "graph", Path(made) / "log"
            graph.mkdir()
            written = Path(made) / "configuration.json"
            written.write_text(json.dumps(self._configuration(graph)), "utf-8")
            command = [self._builder(), "-c", str(written), str(extract)]
            with (
                log.open("wb") as lines,
                subprocess.Popen(command, stdout=lines, stderr=lines, cwd=made) as builder,  # noqa: S603
            ):
                try:
                    while builder.poll() is None:
                        progress(0, 1)
                        try:
                            builder.wait(timeout=1)
                        except subprocess.TimeoutExpired:
                            continue
                except BaseException:
                    builder.kill()
                    raise
            if builder.returncode or not any(graph.rglob("*.gph")):
                last = log.read_text("utf-8", "replace").strip().splitlines()[-1:]
                raise self._ledger.reject(
                    "no_graph",
                    "aucun graphe routier n’a pu être construit de cet extrait",
                    "no road graph could be built from this extract",
                    sample="".join(last)[:200],
                    mend_fr="Vérifier que c’est un extrait OpenStreetMap entier (.osm.pbf).",
                    mend_en="Check that it is a whole OpenStreetMap extract (.osm.pbf).",
                )
            try:
                os.rename(graph, self._graph)
            except OSError:
                if not self._graph.is_dir():  # else another process was quicker
                    raise

    def _builder(self) -> str:
        """The program that builds graphs: of the wheel, else of the system."""
        own = Path(str(self._library.__file__)).parent / "bin" / _BUILDER
        found = str(own) if own.is_file() else shutil.which(_BUILDER)
        if found is None:
            raise _missing(self._ledger)
        return found


def _library(ledger: Ledger) -> Any:
    try:
        return importlib.import_module("valhalla")
    except ImportError as error:
        raise _missing(ledger) from error


def _missing(ledger: Ledger) -> RejectedFile:
    command = f"{sys.executable} -m pip install {PACKAGE}"
    return ledger.reject(
        "no_valhalla",
        "VIGIE_ROADS demande Valhalla, qui n’est pas installé",
        "VIGIE_ROADS needs Valhalla, which is not installed",
        mend_fr=f"L’installer (l’option « roads ») : {command}",
        mend_en=f"Install it (the extra `roads`): {command}",
    )
