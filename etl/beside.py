"""Another process that makes steps while this one makes others.

It writes through :class:`etl.steps.Steps` and nowhere else, and ends with this one. Whatever keeps
it from making a step, the step is then made here: its fault is told as ever.
"""

from __future__ import annotations

import io
import logging
import multiprocessing
import os
import pickle
import shutil
import tempfile
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from threading import Thread
from typing import Any

from etl.sandbox import end, server
from etl.steps import Made, Step, Steps, Timing

_log = logging.getLogger(__name__)


class ClosedError(RuntimeError):
    """The other process is no longer asked anything."""


class Beside:
    """Makes steps in another process, one at a time, asked by one thread at a time.

    The process begins with the first step that is not kept; once it is lost, steps are made here.
    What is ``shared`` is sent to it once, not with each step that it is given to.
    """

    def __init__(self, steps: Steps, scratch: Path, shared: Sequence[object] = ()) -> None:
        self._steps, self._scratch, self._shared = steps, scratch, tuple(shared)
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
            self._line.send_bytes(_written((name, depends, make), self._shared))
            cost = self._line.recv()
        except (EOFError, OSError):  # a broken or refused connection is an OSError
            cost = "it was killed"
        except (AttributeError, TypeError, pickle.PicklingError) as error:
            cost = f"it cannot be sent: {error}"
        if isinstance(cost, Timing):
            return cost
        _log.debug("step %s was not made beside the others: %s", name, cost)
        return None

    def _begin(self) -> None:
        self._line, theirs = multiprocessing.Pipe()
        order = (str(self._scratch), theirs, self._steps.folder, self._steps.code, self._shared)
        self._process = server().Process(target=_serve, args=order)
        with theirs:
            self._process.start()


@contextmanager
def beside(steps: Steps, shared: Sequence[object] = ()) -> Iterator[Beside]:
    """Another process for these steps, to which ``shared`` is sent once; leaving ends it."""
    with tempfile.TemporaryDirectory(prefix="vigie-") as scratch:
        made = Beside(steps, Path(scratch), shared)
        try:
            yield made
        finally:
            made.close()


class _Pickler(pickle.Pickler):
    """Names what is shared by its place instead of writing it."""

    def __init__(self, file: io.BytesIO, shared: Sequence[object]) -> None:
        super().__init__(file, pickle.HIGHEST_PROTOCOL)
        self._places = {id(one): place for place, one in enumerate(shared)}

    def persistent_id(self, obj: Any) -> int | None:
        return self._places.get(id(obj))


class _Unpickler(pickle.Unpickler):
    def __init__(self, file: io.BytesIO, shared: Sequence[object]) -> None:
        super().__init__(file)
        self._shared = shared

    def persistent_load(self, pid: Any) -> object:
        return self._shared[pid]


def _written(order: object, shared: Sequence[object]) -> bytes:
    made = io.BytesIO()
    _Pickler(made, shared).dump(order)
    return made.getvalue()


def _serve(
    scratch: str, line: Connection, folder: Path, code: str, shared: Sequence[object]
) -> None:
    """In the other process: make each step asked for; tell what it cost, or why it was not made."""
    Thread(target=_end_with_parent, args=(scratch,), daemon=True).start()
    tempfile.tempdir = scratch
    steps = Steps(folder, code)
    while True:
        # What comes was written by the process that began this one.
        name, depends, make = _Unpickler(io.BytesIO(line.recv_bytes()), shared).load()
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
