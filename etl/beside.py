"""Another process that makes steps while this one makes others.

It writes through :class:`etl.steps.Steps` and nowhere else, and ends with this one. Whatever keeps
it from making a step, the step is then made here: its fault is told as ever.
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
from pickle import PicklingError
from threading import Thread

from etl.sandbox import end, server
from etl.steps import Made, Step, Steps, Timing

_log = logging.getLogger(__name__)


class ClosedError(RuntimeError):
    """The other process is no longer asked anything."""


class Beside:
    """Makes steps in another process, one at a time, asked by one thread at a time.

    The process begins with the first step that is not kept; once it is lost, steps are made here.
    """

    def __init__(self, steps: Steps, scratch: Path) -> None:
        self._steps, self._scratch = steps, scratch
        self._process: ForkServerProcess | None = None
        self._line: Connection | None = None
        self._is_closed = False

    def step(self, name: str, depends: Sequence[str], make: Callable[[], Made]) -> Step:
        """The step, as :meth:`etl.steps.Steps.step` would give it.

        Parameters
        ----------
        make: an importable function, or a partial of one, on what can be pickled.

        Raises
        ------
        ClosedError
            When the block that this is of was left meanwhile.
        """
        cost = None
        if not self._steps.holds(name, depends):
            cost = self._asked(name, depends, make)
        if self._is_closed:
            raise ClosedError(name)
        return self._steps.step(name, depends, make, cost)

    def close(self) -> None:
        """End the process, whatever it is making."""
        self._is_closed = True
        if self._process is not None:
            end(self._process)

    def _asked(self, name: str, depends: Sequence[str], make: Callable[[], Made]) -> Timing | None:
        """What the step cost the other process; None when it did not make it."""
        try:
            if self._process is None:
                self._begin()
            assert self._line is not None
            self._line.send((name, depends, make))
            cost = self._line.recv()
        except (EOFError, OSError):  # a broken or refused connection is an OSError
            cost = "it was killed"
        except (AttributeError, TypeError, PicklingError) as error:
            cost = f"it cannot be sent: {error}"
        if isinstance(cost, Timing):
            return cost
        _log.debug("step %s was not made beside the others: %s", name, cost)
        return None

    def _begin(self) -> None:
        self._line, theirs = multiprocessing.Pipe()
        order = (str(self._scratch), theirs, self._steps.folder, self._steps.code)
        self._process = server().Process(target=_serve, args=order)
        with theirs:
            self._process.start()


@contextmanager
def beside(steps: Steps) -> Iterator[Beside]:
    """Another process for these steps; leaving the block ends it."""
    with tempfile.TemporaryDirectory(prefix="vigie-") as scratch:
        made = Beside(steps, Path(scratch))
        try:
            yield made
        finally:
            made.close()


def _serve(scratch: str, line: Connection, folder: Path, code: str) -> None:
    """In the other process: make each step asked for; tell what it cost, or why it was not made."""
    Thread(target=_end_with_parent, args=(scratch,), daemon=True).start()
    tempfile.tempdir = scratch
    steps = Steps(folder, code)
    while True:
        name, depends, make = line.recv()
        try:
            steps.step(name, depends, make)
        except Exception:
            line.send(traceback.format_exc())
        else:
            line.send(steps.timings[-1])


def _end_with_parent(scratch: str) -> None:
    """End this process at once when the one that asked for it has gone, however it went."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    shutil.rmtree(scratch, ignore_errors=True)
    os._exit(1)
