"""A full disk is known by whatever tells of it, and told in plain words."""

import errno
import sqlite3

import pytest

from geodata.failure import DiskFullError, Failure, full_disk, full_disk_told, is_disk_full


def of_sqlite(name):
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorname = name
    return error


def caused(error):
    wrapped = RuntimeError("figure refuses its rows")
    wrapped.__cause__ = error
    return wrapped


FULL = OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize(
    ("error", "is_full"),
    [
        (FULL, True),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), True),
        (RuntimeError('Could not write file "a.duckdb": No space left on device'), True),
        (of_sqlite("SQLITE_FULL"), True),
        (of_sqlite("SQLITE_IOERR_SHMSIZE"), True),
        (of_sqlite("SQLITE_IOERR_READ"), False),
        (caused(FULL), True),
        (caused(OSError(errno.EIO, "Input/output error")), False),
        (OSError(errno.EFBIG, "File too large"), False),
        (None, False),
    ],
)
def test_a_full_disk_is_known(error, is_full):
    assert is_disk_full(error) is is_full


def test_it_is_told_with_its_folder_and_the_mend_in_both_languages(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    folder = tmp_path / "not" / "there yet"
    with pytest.raises(DiskFullError) as told, full_disk_told(folder):
        raise caused(FULL)
    assert isinstance(told.value, Failure)
    assert told.value.__cause__.__cause__ is FULL
    assert told.value.message == full_disk(folder)
    assert told.value.message.fr.startswith(f"Le disque est plein : {folder} (")
    assert str(told.value).startswith(f"The disk is full: {folder} (")
    assert str(told.value).endswith("Free some room, then try again.")


def test_what_is_told_once_is_not_told_over_and_other_errors_pass(tmp_path):
    first = DiskFullError(tmp_path / "a")
    with pytest.raises(DiskFullError) as told, full_disk_told(tmp_path / "b"):
        raise first
    assert told.value is first
    with pytest.raises(KeyError), full_disk_told(tmp_path):
        raise KeyError("x")
