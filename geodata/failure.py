"""What cannot be done, and a disk that is full: said in French and English, never as a traceback.

Engines tell of a full disk each in its own way: the system by a number, DuckDB by its words,
SQLite by the name of its error. Here they are known again, wherever in the chain of causes.
"""

from __future__ import annotations

import errno
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from geodata.catalogue.nouns import Text

_CODES = (errno.ENOSPC, errno.EDQUOT)
_NAMES = ("SQLITE_FULL", "SQLITE_IOERR_SHMSIZE")
_WORDS = ("no space left on device", "disk quota exceeded")


class Failure(RuntimeError):  # noqa: N818 (what people are told)
    """Something cannot be done: ``message`` says why and what to do, in French and English."""

    def __init__(self, fr: str, en: str) -> None:
        super().__init__(en)
        self.message = Text(fr, en)


class DiskFullError(Failure):
    """There is no room left to write; what is published is as it was."""

    def __init__(self, folder: Path) -> None:
        said = full_disk(folder)
        super().__init__(said.fr, said.en)


def is_disk_full(error: BaseException | None) -> bool:
    """Whether an error, or one that led to it, says that a disk is full."""
    while error is not None:
        if (
            (isinstance(error, OSError) and error.errno in _CODES)
            or getattr(error, "sqlite_errorname", "") in _NAMES
            or any(word in str(error).lower() for word in _WORDS)
        ):
            return True
        error = error.__cause__ or error.__context__
    return False


def full_disk(folder: Path) -> Text:
    """What to say of a full disk: which one, how much room it has at this moment, the mend.

    Work that needs a file of its own for a while has it in the system's temporary folder: that
    one is named when it has less room than ``folder``.
    """
    fullest = min((folder, Path(tempfile.gettempdir())), key=_free)
    free = _free(fullest) / 1e6
    return Text(
        f"Le disque est plein : {fullest} ({free:.1f} Mo libres à présent). "
        "Libérer de la place, puis recommencer.",
        f"The disk is full: {fullest} ({free:.1f} MB free now). Free some room, then try again.",
    )


@contextmanager
def full_disk_told(folder: Path) -> Iterator[None]:
    """Turn whatever says that the disk is full into one error that names ``folder``.

    Raises
    ------
    DiskFullError
        In place of the error of the system or of an engine. Other errors pass as they are.
    """
    try:
        yield
    except DiskFullError:
        raise
    except Exception as error:
        if not is_disk_full(error):
            raise
        raise DiskFullError(folder) from error


def _free(folder: Path) -> int:
    """Bytes free on the disk of a folder, or of the first folder above it that is there."""
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free
