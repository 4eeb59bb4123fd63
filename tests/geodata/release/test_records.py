"""What is on disk is read back, whatever was lost."""

import json

import pytest

from geodata.release import CURRENT, ReleaseError, current_release, is_readable, release_on


def test_nothing_is_published_at_first(tmp_path):
    assert current_release(tmp_path) is None
    assert not is_readable(None)


@pytest.mark.parametrize("content", ["", "{", '{"release_id": "gone"}', "[]"])
def test_a_damaged_pointer_is_said_with_its_mend(tmp_path, content, published):
    published(tmp_path)
    (tmp_path / CURRENT).write_text(content)
    with pytest.raises(ReleaseError, match="vigie rollback"):
        current_release(tmp_path)


def test_numbers_grow_past_a_release_whose_manifest_is_lost(tmp_path, published):
    (published(tmp_path).folder / "manifest.json").write_text("{")
    assert published(tmp_path).number == 2


def test_what_was_known_on_a_day(tmp_path, published):
    first, second = published(tmp_path), published(tmp_path)
    pointer = tmp_path / CURRENT
    told = json.loads(pointer.read_text())
    for row, day in zip(told["publications"], ("2026-02-27", "2026-03-02"), strict=True):
        row["at"] = f"{day}T10:00:00Z"
    pointer.write_text(json.dumps(told))
    assert release_on(tmp_path, "2026-02-26") is None
    assert release_on(tmp_path, "2026-03-01").release_id == first.release_id
    assert release_on(tmp_path, "2026-03-02").release_id == second.release_id
    assert release_on(tmp_path, "2026-03-02T09:00:00Z").release_id == first.release_id


def test_a_moment_that_is_no_date_is_refused(tmp_path, published):
    published(tmp_path)
    with_time = ("2026-02-27T10:00", "2026-02-27T10:00:00+01:00")
    for moment in ("27/02/2026", "2026-13-45", "2026", "", *with_time):
        with pytest.raises(ReleaseError, match="is no date"):
            release_on(tmp_path, moment)
