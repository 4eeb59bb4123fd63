"""Untrusted files are read in a process of their own, with little memory and little time.

A server process (multiprocessing's forkserver) loads the heavy modules once and forks for each
file; a file that eats all, hangs or kills its reader costs that process and nothing else.
"""

from __future__ import annotations

import logging
import multiprocessing
import pickle
import signal
import tempfile
from collections.abc import Mapping
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from typing import Any

import pyarrow as pa

from etl.exchange import issue_from, outcome_of, staged_from
from etl.sandbox_child import Limits, run
from etl.source import Known, Ledger, RejectedFile, Stage, Staged
from geodata.catalogue.nouns import SourceEntry

__all__ = ["Limits", "end", "server", "staged_safely"]

#: Loaded once in the server, so that a process of a reader starts at once.
PRELOADED = (
    "etl.sandbox_child",
    "etl.reading",
    "etl.sources",
    "geodata.command",
    "geopandas",
    "openpyxl",
    "pandas",
    "pyarrow.parquet",
    "pyogrio",
    "pyproj",
    "shapely",
)
_KILLED = {signal.SIGKILL, signal.SIGXCPU, signal.SIGALRM}
#: The exit code of a process whose end another thread has been told.
_UNTOLD = 255
_log = logging.getLogger(__name__)


def staged_safely(
    stage: Stage,
    entry: SourceEntry,
    file: str,
    content: bytes,
    known: Known,
    limits: Limits | None = None,
) -> Staged:
    """What ``stage`` makes of a file, in a process of its own.

    Parameters
    ----------
    stage: an importable function (of a module, not a lambda), or a partial of one.

    Raises
    ------
    RejectedFile
        As the stage raised it; ``too_heavy`` when it went over a limit; ``reader_died`` when it
        failed or was killed. The message names the class of the error, never its text, which could
        hold a cell.
    TypeError
        When ``stage`` cannot be given to another process.
    """
    limits = limits or Limits()
    ledger = Ledger(entry.id, file, entry.is_record_level)
    try:
        order = pickle.dumps((stage, entry, file, known), protocol=pickle.HIGHEST_PROTOCOL)
    except (pickle.PicklingError, AttributeError) as error:
        raise TypeError(f"{stage} is not a function that can be imported") from error
    with tempfile.TemporaryDirectory(prefix="vigie-") as folder:
        code = _exit_code(folder, order, content, limits)
        try:
            # Files are read side by side: two threads may ask how one process ended, and the
            # second is told 255. What the process wrote last tells the same.
            outcome = outcome_of(Path(folder)) if code in (0, _UNTOLD) else None
            if outcome is not None and outcome["kind"] == "staged":
                return staged_from(Path(folder), outcome)
        except (ValueError, KeyError, TypeError, OSError, AssertionError, pa.ArrowException) as e:
            raise _died(ledger, type(e).__name__) from None
    if outcome is None:
        raise _ended(ledger, code, limits)
    raise _refused(ledger, outcome, limits)


def _exit_code(folder: str, order: bytes, content: bytes, limits: Limits) -> int | None:
    """Run the reader to its end; its exit code, negative for a signal, None when out of time."""
    process = server().Process(target=run, args=(folder, order, content, limits))
    try:
        process.start()
        process.join(limits.wall_seconds)
        return process.exitcode
    except (BrokenPipeError, ConnectionError, EOFError):
        return 1  # it died before it had read its order
    finally:
        end(process)


def end(process: ForkServerProcess) -> None:
    """Kill a process of the server if it is at work, and forget it; nothing if it never was."""
    if process.pid is None:
        return
    if process.is_alive():
        process.kill()
        process.join()
    process.close()


def server() -> ForkServerContext:
    """Where processes come from that start at once: see :data:`PRELOADED`."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(PRELOADED))
    return context


def _ended(ledger: Ledger, code: int | None, limits: Limits) -> RejectedFile:
    """The refusal of a file whose reader ended without a word."""
    if code is None:
        return _heavy(
            ledger, f"plus de {limits.wall_seconds:g} s", f"over {limits.wall_seconds:g} s"
        )
    if code >= 0:
        return _died(ledger, f"exit {code}")
    name = signal.Signals(-code)
    if name in _KILLED:
        seconds = limits.cpu_seconds
        return _heavy(ledger, f"plus de {seconds} s de calcul", f"over {seconds} s of computing")
    return _died(ledger, name.name)


def _refused(ledger: Ledger, outcome: Mapping[str, Any], limits: Limits) -> RejectedFile:
    """The refusal that a reader told."""
    if outcome["kind"] == "rejected":
        return RejectedFile(issue_from(outcome["issue"]))
    if outcome["kind"] == "memory":
        megabytes = limits.memory_bytes >> 20
        return _heavy(
            ledger, f"plus de {megabytes} Mo de mémoire", f"over {megabytes} MB of memory"
        )
    if not ledger.is_record_level:
        _log.debug("the reader of %s failed on %s:\n%s", *_told(ledger, outcome))
    return _died(ledger, str(outcome["exception"]))


def _told(ledger: Ledger, outcome: Mapping[str, Any]) -> tuple[str, str, str]:
    return ledger.source_id, ledger.file, str(outcome["trace"])


def _heavy(ledger: Ledger, fr: str, en: str) -> RejectedFile:
    return ledger.reject(
        "too_heavy",
        f"la lecture de ce fichier demande trop : {fr}",
        f"reading this file takes too much: {en}",
        mend_fr="Vérifier le fichier, en fournir un extrait, ou relever la limite.",
        mend_en="Check the file, bring an extract of it, or raise the limit.",
    )


def _died(ledger: Ledger, cause: str) -> RejectedFile:
    return ledger.reject(
        "reader_died",
        f"la lecture de ce fichier a échoué ({cause})",
        f"reading this file failed ({cause})",
        mend_fr="Vérifier que le fichier est bien celui de la source ; sinon signaler l’erreur.",
        mend_en="Check that the file is the source's; else report the error.",
    )
