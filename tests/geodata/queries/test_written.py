"""What people wrote is told apart from what they had written before, of one territory."""

from __future__ import annotations

import pytest

from geodata import notes, state, views
from geodata.model import AreaKey
from geodata.queries.written import written

HERE = AreaKey("epci", "244301123")


@pytest.fixture
def engine(tmp_path):
    made = state.state_engine(tmp_path)
    yield made
    made.dispose()


def test_each_thing_that_is_written_or_withdrawn_is_seen(engine):
    def save(territory_id):
        told = {"language": "fr", "page": "gaps", "query": "", "title": "Pour la réunion"}
        return views.save_view(
            engine, territory_id, **told, release_id="000001-ab", saved_by="Odile"
        )

    seen = [written(engine, "haute_loire")]
    note_id = notes.write_note(engine, "haute_loire", HERE, "Une crèche ouvre.", "Odile")
    seen.append(written(engine, "haute_loire"))
    code = save("haute_loire")
    seen.append(written(engine, "haute_loire"))
    notes.withdraw_note(engine, "haute_loire", note_id, "Odile")
    seen.append(written(engine, "haute_loire"))
    views.withdraw_view(engine, "haute_loire", code, "Odile")
    seen.append(written(engine, "haute_loire"))
    assert seen == [(0, 0, 0, 0), (1, 0, 0, 0), (1, 0, 1, 0), (1, 1, 1, 0), (1, 1, 1, 1)]
    notes.write_note(engine, "belgium", HERE, "else", "Paul")
    save("belgium")
    assert written(engine, "haute_loire") == seen[-1]
