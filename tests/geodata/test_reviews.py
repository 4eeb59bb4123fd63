"""Decisions are written down, each, with who and why."""

import pytest
import sqlalchemy as sa

from geodata import reviews, state
from geodata.state_schema import review


@pytest.fixture
def engine(tmp_path):
    made = state.state_engine(tmp_path)
    yield made
    made.dispose()


def test_every_decision_stays_in_order(engine):
    reviews.write_review(engine, "000002-a", "refused", "Odile", "trop de naissances")
    reviews.write_review(engine, "000003-b", "approved", "Odile", "")
    reviews.write_review(engine, "000002-a", "rolled_back", "Paul", "again")
    with state.reading(engine) as connection:
        rows = connection.execute(sa.select(review).order_by(review.c.review_id)).all()
    assert [(r.release_id, r.decision, r.decided_by, r.reason) for r in rows] == [
        ("000002-a", "refused", "Odile", "trop de naissances"),
        ("000003-b", "approved", "Odile", ""),
        ("000002-a", "rolled_back", "Paul", "again"),
    ]
    assert all(row.decided_at <= state.now() for row in rows)


def test_a_decision_that_cannot_be_written_is_said(engine, tmp_path):
    engine.dispose()
    (tmp_path / "state.sqlite").write_bytes(b"not a database, by any means" * 100)
    with pytest.raises(state.StateError, match="cannot be written"):
        reviews.write_review(engine, "000002-a", "refused", "Odile", "")
