"""A step made in a process of its own, while this process makes others.

The other process writes through :class:`etl.steps.Steps` and nowhere else, and ends with this one.
Whatever keeps it from making its step, the step is then made here: its fault is told as ever.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import shutil
import tempfile
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from threading import Thread

from etl.sandbox import end, server
from etl.steps import Made, Step, Steps, Timing

_log = logging.getLogger(__name__)


@contextmanager
def beside(
    steps: Steps, name: str, depends: Sequence[str], make: Callable[[], Made]
) -> Iterator[Callable[[], Step]]:
    """Begin to make a step in another process; leaving the block ends that process.

    Parameters
    ----------
    make: an importable function, or a partial of one, on what can be pickled.

    Yields
    ------
    What gives the step, as :meth:`etl.steps.Steps.step` would: it waits for the other process, and
    makes the step here when that process did not. A step that is kept begins no process.
    """
    if steps.holds(name, depends):
        yield lambda: steps.step(name, depends, make)
        return
    told, telling = multiprocessing.Pipe(duplex=False)
    with told, tempfile.TemporaryDirectory(prefix="vigie-") as scratch:
        order = (steps.folder, steps.code, name, depends, make)
        process = server().Process(target=_make, args=(scratch, telling, *order))
        try:
            with telling:
                _begin(process)
            yield lambda: _joined(steps, name, depends, make, _cost(name, told))
        finally:
            end(process)


def _begin(process: ForkServerProcess) -> None:
    try:
        process.start()
    except (BrokenPipeError, ConnectionError, EOFError) as error:
        _log.debug("no process could be begun: %s", error)


def _cost(name: str, told: Connection) -> Timing | None:
    """What the step cost the other process; None when it did not make it."""
    try:
        cost = told.recv()
    except (EOFError, OSError):
        cost = "it was killed"
    if isinstance(cost, Timing):
        return cost
    _log.debug("step %s was not made beside the others: %s", name, cost)
    return None


def _joined(
    steps: Steps,
    name: str,
    depends: Sequence[str],
    make: Callable[[], Made],
    cost: Timing | None,
) -> Step:
    """The step, found where the other process put it, with what it cost there; or made here."""
    step = steps.step(name, depends, make)
    if cost is not None and steps.timings[-1].is_reused:
        steps.timings[-1] = cost
    return step


def _make(
    scratch: str,
    telling: Connection,
    folder: Path,
    code: str,
    name: str,
    depends: Sequence[str],
    make: Callable[[], Made],
) -> None:
    """In the other process: make the step, and tell what it cost or why it was not made."""
    Thread(target=_end_with_parent, args=(scratch,), daemon=True).start()
    tempfile.tempdir = scratch
    steps = Steps(folder, code)
    try:
        steps.step(name, depends, make)
    except Exception:
        telling.send(traceback.format_exc())
    else:
        telling.send(steps.timings[-1])


def _end_with_parent(scratch: str) -> None:
    """End this process at once when the one that asked for it has gone, however it went."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    shutil.rmtree(scratch, ignore_errors=True)
    os._exit(1)
