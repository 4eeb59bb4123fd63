"""Who decides of a release must be named, and decide of what is before his eyes."""

import pytest
import sqlalchemy as sa

from etl.decisions import DecisionError, publish_waiting, refuse_waiting, roll_back
from geodata import state
from geodata.release import (
    ReleaseError,
    current_release,
    kept_releases,
    publications,
    refresh_lock,
    waiting_release,
)
from geodata.state_schema import review


@pytest.fixture
def chosen(tmp_path, settings_of):
    return settings_of(tmp_path / "data")


@pytest.fixture
def make(chosen, tiny_release):
    return lambda waits=False: tiny_release(chosen.data, waits=waits)


def reviews(chosen):
    engine = state.state_engine(chosen.data)
    with state.reading(engine) as connection:
        rows = connection.execute(sa.select(review).order_by(review.c.review_id)).all()
    engine.dispose()
    return [(row.release_id, row.decision, row.decided_by, row.reason) for row in rows]


def test_a_release_that_waits_is_published_by_a_named_person(chosen, make):
    first, waits = make(), make(waits=True)
    assert current_release(chosen.data) == first
    made = publish_waiting(chosen, "  Anne \n Martin ", "checked", waits.release_id)
    assert made.release_id == waits.release_id == current_release(chosen.data).release_id
    assert made.published_at
    assert waiting_release(chosen.data) is None
    assert publications(chosen.data)[-1].by == "Anne Martin"
    assert reviews(chosen) == [(waits.release_id, "approved", "Anne Martin", "checked")]


def test_the_first_release_of_all_may_wait(chosen, make):
    waits = make(waits=True)
    assert publish_waiting(chosen, "Anne", "").release_id == waits.release_id


def test_a_refused_release_is_gone_and_what_was_published_stays(chosen, make):
    first, waits = make(), make(waits=True)
    refused = refuse_waiting(chosen, "Anne", "cut file")
    assert refused.release_id == waits.release_id
    assert not waits.folder.exists()
    assert current_release(chosen.data) == first
    assert reviews(chosen) == [(waits.release_id, "refused", "Anne", "cut file")]


@pytest.mark.parametrize("decide", [publish_waiting, refuse_waiting, roll_back])
def test_nobody_decides_nothing(chosen, make, decide):
    first, second, waits = make(), make(), make(waits=True)
    for nobody in ("", "  ", "\n\t"):
        with pytest.raises(DecisionError, match="--by NAME"):
            decide(chosen, nobody, "why")
    assert current_release(chosen.data) == second != first
    assert waiting_release(chosen.data) == waits
    assert reviews(chosen) == []


@pytest.mark.parametrize("decide", [publish_waiting, refuse_waiting])
def test_one_decides_of_the_release_that_waits_and_of_no_other(chosen, make, decide):
    first = make()
    with pytest.raises(DecisionError, match="No release waits"):
        decide(chosen, "Anne", "")
    seen, newer = make(waits=True), make(waits=True)
    with pytest.raises(
        DecisionError, match=f"{seen.release_id} does not wait any more; {newer.release_id}"
    ):
        decide(chosen, "Anne", "", seen.release_id)
    assert current_release(chosen.data) == first
    assert waiting_release(chosen.data) == newer
    assert reviews(chosen) == []


def test_a_release_compared_with_what_is_no_longer_published_is_compared_anew(chosen, make):
    first, _second, waits = make(), make(), make(waits=True)
    roll_back(chosen, "Anne", "", first.release_id)
    with pytest.raises(DecisionError, match="Run `vigie refresh` to compare it anew"):
        publish_waiting(chosen, "Anne", "")
    assert current_release(chosen.data).release_id == first.release_id
    assert waiting_release(chosen.data).release_id == waits.release_id
    # It may still be refused.
    refuse_waiting(chosen, "Anne", "")
    assert waiting_release(chosen.data) is None


def test_a_damaged_release_is_not_published_even_by_a_named_person(chosen, make):
    first, waits = make(), make(waits=True)
    with waits.database.open("ab") as handle:
        handle.write(b"x")
    with pytest.raises(ReleaseError, match="damaged"):
        publish_waiting(chosen, "Anne", "")
    assert current_release(chosen.data) == first
    assert reviews(chosen) == []


def test_going_back_goes_to_the_one_before_and_forth_again(chosen, make):
    first, second = make(), make()
    assert roll_back(chosen, "Anne", "").release_id == first.release_id
    assert publications(chosen.data)[-1].reason == "roll-back"
    assert roll_back(chosen, "Anne", "wrong", second.release_id).release_id == second.release_id
    assert publications(chosen.data)[-1].reason == "wrong"
    with pytest.raises(ReleaseError, match="No release 000009-a; kept: 000001"):
        roll_back(chosen, "Anne", "", "000009-a")
    assert [row[1] for row in reviews(chosen)] == ["rolled_back"] * 2


def test_a_release_that_nobody_approved_is_not_gone_back_to(chosen, make):
    """With nothing published, or a lost pointer, the one that waits still waits."""
    waits = make(waits=True)
    assert kept_releases(chosen.data) == []
    for named in (None, waits.release_id):
        with pytest.raises(ReleaseError):
            roll_back(chosen, "Anne", "", named)
    assert current_release(chosen.data) is None
    first = publish_waiting(chosen, "Anne", "")
    waits = make(waits=True)
    (chosen.data / "CURRENT.json").write_text("{")
    assert [kept.release_id for kept in kept_releases(chosen.data)] == [first.release_id]
    assert roll_back(chosen, "Anne", "").release_id == first.release_id
    assert waiting_release(chosen.data).release_id == waits.release_id


@pytest.mark.parametrize("decide", [publish_waiting, refuse_waiting, roll_back])
def test_a_decision_that_cannot_be_put_down_is_not_carried_out(chosen, make, decide):
    make()
    second, waits = make(), make(waits=True)
    (chosen.data / "state.sqlite").mkdir()
    with pytest.raises(state.StateError, match="Check the disk") as told:
        decide(chosen, "Anne", "")
    assert "Vérifier le disque" in told.value.message.fr
    assert current_release(chosen.data) == second
    assert waiting_release(chosen.data) == waits
    assert len(publications(chosen.data)) == 2
    assert [path.name for path in chosen.data.glob("CURRENT.json*")] == ["CURRENT.json"]


@pytest.mark.parametrize("decide", [publish_waiting, refuse_waiting, roll_back])
def test_no_decision_is_taken_beside_a_refresh(chosen, make, decide):
    make()
    make(waits=True)
    with refresh_lock(chosen.data), pytest.raises(ReleaseError, match="Another refresh"):
        decide(chosen, "Anne", "")
