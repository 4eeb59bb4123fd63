"""A published release reads back to the last digit, and only reads."""

import json
from contextlib import suppress
from pathlib import Path

import pytest
import sqlalchemy as sa

from geodata import schema
from geodata.release import (
    ReleaseError,
    current_release,
    is_readable,
    readable_release,
    reading_engine,
)


def test_a_published_release_reads_back_to_the_last_digit_and_nan_is_null(tmp_path, published):
    release = published(tmp_path)
    assert current_release(tmp_path) == release
    with reading_engine(release.database).connect() as connection:
        rows = connection.execute(sa.select(schema.figure).order_by(schema.figure.c.area_id)).all()
    assert rows[0].value == 1 / 7
    assert rows[1].value is None
    assert rows[1].status == "suppressed"


def test_a_damaged_database_is_said_with_its_mend(tmp_path, published):
    release = published(tmp_path)
    release.database.write_bytes(b"not a database")
    with pytest.raises(ReleaseError, match="vigie rollback"):
        reading_engine(release.database)
    assert readable_release(tmp_path) is None


def test_a_release_of_another_schema_is_not_read(tmp_path, published):
    release = published(tmp_path)
    path = release.folder / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"schema_version": 0}))
    assert not is_readable(current_release(tmp_path))


def test_a_reader_has_no_way_to_other_files_and_cannot_write(tmp_path, published):
    engine = reading_engine(published(tmp_path).database)
    with engine.connect() as connection:
        with pytest.raises(sa.exc.DBAPIError, match=r"(?i)permission"):
            connection.execute(sa.text("SELECT * FROM read_text('/etc/hostname')"))
        connection.rollback()
        with pytest.raises(sa.exc.DBAPIError, match=r"(?i)read-only"):
            connection.execute(sa.delete(schema.figure))


def held_open():
    """The files that this process holds open, those without a name any more included."""
    found = []
    for handle in Path("/proc/self/fd").iterdir():
        with suppress(OSError):
            found.append(str(handle.readlink()))
    return found


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="no list of open files here")
def test_a_release_that_was_dropped_is_closed_when_the_next_is_opened(tmp_path, published):
    """A file that is held open takes its room on the disk after it is gone."""
    first = published(tmp_path)
    reading_engine(first.database)
    assert str(first.database) in held_open()
    second = published(tmp_path, keep=1)
    assert not first.database.exists()
    engine = reading_engine(second.database)
    assert reading_engine(second.database) is engine
    held = [name for name in held_open() if str(tmp_path) in name]
    assert set(held) == {str(second.database)}
