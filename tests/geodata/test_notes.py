"""Notes on areas: kept as they are written, shown until they are withdrawn."""

import pytest
import sqlalchemy as sa

from geodata import notes, state
from geodata.jobs import JobError
from geodata.model import AreaKey
from geodata.queries import notes as queries
from geodata.state_schema import note

HERE = AreaKey("epci", "244301123")


@pytest.fixture
def engine(tmp_path):
    made = state.state_engine(tmp_path)
    yield made
    made.dispose()


def test_notes_stand_by_their_area_the_latest_first(engine):
    notes.write_note(engine, "haute_loire", HERE, "Une crèche\r\nouvre en mars. ", "Odile")
    notes.write_note(engine, "haute_loire", HERE, "<b>non</b>", "Paul")
    notes.write_note(engine, "haute_loire", AreaKey("commune", "244301123"), "else", "Paul")
    notes.write_note(engine, "belgium", HERE, "other", "Paul")
    found = queries.notes(engine, "haute_loire", HERE)
    assert found["text"].tolist() == ["<b>non</b>", "Une crèche\nouvre en mars."]
    assert found["written_by"].tolist() == ["Paul", "Odile"]
    assert (found["written_at"] <= state.now()).all()


def test_a_note_that_is_withdrawn_is_shown_to_nobody_and_stays(engine):
    made = notes.write_note(engine, "haute_loire", HERE, "faux", "Odile")
    assert not notes.withdraw_note(engine, "belgium", made, "Paul")
    assert notes.withdraw_note(engine, "haute_loire", made, "Paul")
    assert not notes.withdraw_note(engine, "haute_loire", made, "Paul")
    assert queries.notes(engine, "haute_loire", HERE).empty
    with state.reading(engine) as connection:
        row = connection.execute(sa.select(note)).one()
    assert (row.text, row.withdrawn_by) == ("faux", "Paul")


@pytest.mark.parametrize("text", ["", " \n\t ", "x" * 1001, "\x00"])
def test_a_note_without_words_or_with_too_many_is_refused(engine, text):
    with pytest.raises(JobError, match="1000 characters"):
        notes.write_note(engine, "haute_loire", HERE, text, "Odile")
    assert queries.notes(engine, "haute_loire", HERE).empty
