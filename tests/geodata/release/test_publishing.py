"""Releases are published whole, kept, taken back to, or wait for a person."""

import pandas as pd
import pytest

from geodata import schema
from geodata.release import (
    Making,
    ReleaseError,
    current_release,
    draft,
    kept_releases,
    publications,
    publish,
    reading_engine,
    refresh_lock,
    refuse,
    roll_back,
    seal,
    wait,
    waiting_release,
)


def power_cut(made, figures):
    made.load(schema.figure, figures)
    raise RuntimeError("power cut")


def test_a_draft_that_is_not_published_leaves_nothing(tmp_path, published, figures):
    release = published(tmp_path)
    with (
        pytest.raises(RuntimeError, match="power"),
        refresh_lock(tmp_path),
        draft(tmp_path) as made,
    ):
        power_cut(made, figures)
    assert current_release(tmp_path) == release
    assert not (tmp_path / "building").exists()


def test_same_content_gives_the_same_hash_in_any_order(tmp_path, published, figures):
    first, second = published(tmp_path), published(tmp_path, figures.iloc[::-1])
    assert first.content_sha256 == second.content_sha256
    assert (first.number, second.number) == (1, 2)


def test_other_content_gives_another_hash(tmp_path, published, figures):
    other = figures.assign(value=[2.0, float("nan")])
    assert published(tmp_path).content_sha256 != published(tmp_path, other).content_sha256


def test_old_releases_go_and_the_kept_ones_can_come_back(tmp_path, published):
    made = [published(tmp_path, keep=3) for _ in range(5)]
    assert [r.number for r in kept_releases(tmp_path)] == [3, 4, 5]
    assert roll_back(tmp_path).release_id == made[3].release_id
    assert current_release(tmp_path).release_id == made[3].release_id
    assert roll_back(tmp_path, made[4].release_id).release_id == made[4].release_id
    assert [p.release_id for p in publications(tmp_path)[-2:]] == [
        made[3].release_id,
        made[4].release_id,
    ]
    with pytest.raises(ReleaseError, match="No release 000001"):
        roll_back(tmp_path, made[0].release_id)


def test_a_release_that_a_view_is_pinned_to_stays_and_is_read(tmp_path, published):
    first = published(tmp_path)
    for _ in range(4):
        last = published(tmp_path, keep=2, pinned={first.release_id})
    assert [r.number for r in kept_releases(tmp_path)] == [1, 4, 5]
    assert current_release(tmp_path).release_id == last.release_id
    with reading_engine(first.database).connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM figure").scalar() == 2
    published(tmp_path, keep=2)
    assert [r.number for r in kept_releases(tmp_path)] == [5, 6], "nobody needs it any more"


def test_there_is_nothing_to_go_back_to_from_the_first(tmp_path, published):
    published(tmp_path)
    with pytest.raises(ReleaseError, match="no earlier release"):
        roll_back(tmp_path)


def test_a_key_that_is_there_twice_is_never_sealed(tmp_path, published, figures):
    first = published(tmp_path)
    with pytest.raises(ReleaseError, match=r"figure has the key \(births, .*\) 2 times"):
        published(tmp_path, pd.concat([figures, figures]))
    assert current_release(tmp_path) == first


def test_a_release_waits_and_is_published_or_taken_back(tmp_path, published, about, figures):
    first = published(tmp_path)
    for other in (2.0, 3.0):
        with refresh_lock(tmp_path), draft(tmp_path) as made:
            made.load(schema.figure, figures.assign(value=[other, float("nan")]))
            made.load(schema.about, about)
            sealed = seal(made, tmp_path, Making("haute_loire", "r", "i", first.release_id))
            wait(tmp_path, sealed.release_id)
        assert waiting_release(tmp_path) == sealed
        assert current_release(tmp_path) == first
        assert sealed not in kept_releases(tmp_path)
        with pytest.raises(ReleaseError, match="kept: 000001"):
            roll_back(tmp_path, sealed.release_id)
        if other == 2.0:
            refuse(tmp_path, sealed.release_id)
            assert not sealed.folder.exists()
        else:
            publish(tmp_path, sealed.release_id, "A. Martin", "checked", keep=5)
        assert waiting_release(tmp_path) is None
    assert [(p.by, p.reason) for p in publications(tmp_path)] == [
        ("Test", "test"),
        ("A. Martin", "checked"),
    ]
    with pytest.raises(ReleaseError, match="does not wait"):
        refuse(tmp_path, sealed.release_id)


def test_a_damaged_release_is_never_published(tmp_path, published, about):
    first = published(tmp_path)
    with refresh_lock(tmp_path), draft(tmp_path) as made:
        made.load(schema.about, about)
        sealed = seal(made, tmp_path, Making("haute_loire", "r", "i"))
        with sealed.database.open("ab") as handle:
            handle.write(b"x")
        with pytest.raises(ReleaseError, match="damaged"):
            publish(tmp_path, sealed.release_id, "Test", "test", keep=5)
    assert current_release(tmp_path) == first


def sealed_over(data, figures, about):
    with draft(data) as made:
        made.load(schema.figure, figures.assign(value=[2.0, 3.0], status="observed"))
        made.load(schema.about, about)
        return seal(made, data, Making("haute_loire", "r", "i"))


def test_a_release_that_cannot_be_named_gives_its_room_back(tmp_path, published, figures, about):
    """What is to be done first is refused: nothing is published, and nothing is left of it."""

    def refused(release_id):
        told.append(release_id)
        raise OSError("no room to put down who decided")

    told, first = [], published(tmp_path)
    with refresh_lock(tmp_path):
        sealed = sealed_over(tmp_path, figures, about)
        with pytest.raises(OSError, match="no room"):
            publish(tmp_path, sealed.release_id, "Test", "test", keep=5, first=refused)
    assert told == [sealed.release_id]
    assert current_release(tmp_path) == first
    assert not sealed.folder.exists()
    assert sorted(path.name for path in tmp_path.glob("CURRENT.json*")) == ["CURRENT.json"]


def test_one_that_waits_keeps_waiting_when_it_cannot_be_published(
    tmp_path, published, figures, about
):
    def refused(_release_id):
        raise OSError("no room to put down who decided")

    first = published(tmp_path)
    with refresh_lock(tmp_path):
        sealed = sealed_over(tmp_path, figures, about)
        wait(tmp_path, sealed.release_id)
        with pytest.raises(OSError, match="no room"):
            publish(tmp_path, sealed.release_id, "Test", "test", keep=5, first=refused)
    assert current_release(tmp_path) == first
    assert waiting_release(tmp_path) == sealed


def test_what_a_process_sealed_before_it_died_is_cleared_by_the_next(
    tmp_path, published, figures, about
):
    first = published(tmp_path)
    with refresh_lock(tmp_path):
        waits = sealed_over(tmp_path, figures, about)
        wait(tmp_path, waits.release_id)
        orphan = sealed_over(tmp_path, figures, about)
    assert orphan.folder.exists()
    with refresh_lock(tmp_path):
        assert not orphan.folder.exists()
    assert (current_release(tmp_path), waiting_release(tmp_path)) == (first, waits)
    (tmp_path / "CURRENT.json").write_text("{")  # nothing says any more what was published
    with refresh_lock(tmp_path):
        assert first.folder.exists()
