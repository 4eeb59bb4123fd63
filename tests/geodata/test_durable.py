"""A file is replaced whole, or stays as it was with nothing beside it."""

import pytest

from geodata.durable import file_sha256, replace_durably


def test_it_is_replaced_in_one_step(tmp_path):
    path = tmp_path / "a.json"
    replace_durably(path, b"one")
    seen = []
    replace_durably(path, b"two", lambda: seen.append(path.read_bytes()))
    assert (seen, path.read_bytes()) == ([b"one"], b"two")
    assert list(tmp_path.iterdir()) == [path]
    assert file_sha256(path).startswith("3fc4ccfe745870e2")


def test_what_stops_it_leaves_the_file_as_it_was(tmp_path):
    path = tmp_path / "a.json"
    replace_durably(path, b"one")

    def refused():
        raise OSError("no room")

    with pytest.raises(OSError, match="no room"):
        replace_durably(path, b"two", refused)
    assert path.read_bytes() == b"one"
    assert list(tmp_path.iterdir()) == [path]
