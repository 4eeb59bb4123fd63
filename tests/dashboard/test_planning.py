"""What a planner writes comes from a browser: who, what and how much is checked here."""

from __future__ import annotations

import pytest

from dashboard import data, planning
from dashboard.planning import Malformed, Wish, wish_of
from dashboard.selection import parsed
from geodata.jobs import JobError
from geodata.model import Principal
from geodata.release import current_release

PLANNER = Principal("somebody", "planner", ("haute_loire",))
READER = Principal("somebody", "reader", ("haute_loire",))
STRANGER = Principal("nobody", "none")


@pytest.fixture
def house(release_data, settings_of, tmp_path):
    """The settings of an empty state, the release, and a page with an area."""
    release = current_release(release_data)
    offer = data.offer(PLANNER, release)
    selection, _ = parsed("/fr/ecarts", "level=epci&area=244301123&only=shortage", offer)
    return settings_of(tmp_path), release, selection


@pytest.mark.parametrize(
    "said",
    [
        None,
        [],
        {"kind": "drop"},
        {"kind": "note", "by": 3},
        {"kind": "note", "text": "x" * 4001},
        {"kind": "withdraw_note", "item": "1 or 1=1"},
        {"kind": "withdraw_note", "item": ""},
    ],
)
def test_what_no_page_sends_is_refused(said):
    with pytest.raises(Malformed):
        wish_of(said)


def test_who_may_write_writes_and_a_reader_reads(house):
    settings, release, selection = house
    wish = Wish("note", "Odile", "Une crèche ouvre.")
    for who in (READER, STRANGER):
        with pytest.raises(data.Forbidden):
            planning.write(who, settings, release, selection, wish)
    planning.write(PLANNER, settings, release, selection, wish)
    found = planning.notes_on(READER, settings, selection.area)
    assert found["text"].tolist() == ["Une crèche ouvre."]
    with pytest.raises(data.Forbidden):
        planning.notes_on(STRANGER, settings, selection.area)
    gone = Wish("withdraw_note", "Odile", item=str(found["note_id"].iloc[0]))
    planning.write(PLANNER, settings, release, selection, gone)
    assert planning.notes_on(READER, settings, selection.area).empty
    with pytest.raises(JobError, match="withdrawn already"):
        planning.write(PLANNER, settings, release, selection, gone)


def test_a_saved_view_leads_to_its_page_and_its_release(house):
    settings, release, selection = house
    made = planning.write(PLANNER, settings, release, selection, Wish("save", "Odile", "Comité"))
    found = planning.address_of(READER, settings, made.code)
    assert found is not None
    language, page, query = found
    again, remarks = parsed("/fr/ecarts", query, data.offer(READER, release), release.release_id)
    assert (language, page) == ("fr", "gaps")
    assert again == selection.changed(release=release.release_id)
    assert remarks == ()
    assert planning.address_of(READER, settings, "../../../etc") is None
    assert planning.address_of(READER, settings, "2222222222") is None
    with pytest.raises(data.Forbidden):
        planning.address_of(STRANGER, settings, made.code)
    with pytest.raises(JobError, match="name"):
        planning.write(PLANNER, settings, release, selection, Wish("save", " ", "Comité"))
