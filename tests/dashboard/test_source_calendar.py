"""The calendar of the sources on the data page: what is due, and who reads it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from playwright.sync_api import expect

from dashboard.components.source_calendar import due_sources, source_calendar
from dashboard.pages import Desk
from dashboard.wording import Words
from geodata import jobs, state
from geodata.catalogue.loader import catalogue
from geodata.due import schedules
from geodata.model import Principal

NOON = datetime.fromisoformat("2026-03-04T12:00:00")


@pytest.fixture
def desk(tmp_path, settings_of):
    words = catalogue("haute_loire")
    names = words.territory.sources[:2]
    entries = {name: replace(words.sources[name], schedule=None) for name in words.sources}
    entries |= {
        names[0]: replace(words.sources[names[0]], schedule="weekly at 05:00"),
        names[1]: replace(words.sources[names[1]], schedule="yearly"),
    }
    known = replace(words, sources=entries)
    who = Principal("test", "reader", ("haute_loire",))
    return Desk(who, settings_of(tmp_path), known, Words("en"))


def test_a_source_never_read_is_due_since_its_period_began(desk):
    weekly, yearly = sorted(due_sources(desk, NOON), key=lambda row: row.plan.every)
    assert (weekly.is_due, weekly.last, weekly.on) == (True, None, date(2026, 3, 2))
    assert (yearly.is_due, yearly.last, yearly.on) == (True, None, date(2026, 1, 1))


def test_a_source_read_in_its_period_is_due_at_the_next(desk):
    engine = state.state_engine(desk.settings.data)
    jobs.ask(engine, "refresh", "haute_loire", "test", {}, at=NOON)
    jobs.end(engine, jobs.next_job(engine, "w", at=NOON).job_id, "done", at=NOON)
    engine.dispose()
    weekly, yearly = due_sources(desk, NOON + timedelta(days=4))
    assert (weekly.is_due, weekly.last, weekly.on) == (False, date(2026, 3, 4), date(2026, 3, 9))
    assert (yearly.is_due, yearly.on) == (False, date(2027, 1, 1))
    late = {row.plan.every: row for row in due_sources(desk, NOON + timedelta(days=5))}
    assert late["weekly"].is_due
    assert not late["yearly"].is_due


def test_without_a_schedule_the_card_says_so(desk):
    entries = {name: replace(one, schedule=None) for name, one in desk.catalogue.sources.items()}
    bare = replace(desk, catalogue=replace(desk.catalogue, sources=entries))
    assert "each is read again when somebody asks" in str(source_calendar(bare))


def test_the_card_lists_each_source_and_says_that_nobody_reads(desk):
    said = str(source_calendar(desk))
    assert "2 sources to be read again, of 2" in said
    assert "every week, from 05:00" in said
    assert "No worker is at work" in said
    assert said.count("since ") == 2
    others = len(desk.catalogue.territory.sources) - 2
    assert f"Sources without a schedule: {others}." in said


def test_nothing_is_said_of_others_where_every_source_has_a_schedule(desk):
    names = desk.catalogue.territory.sources[:2]
    territory = replace(desk.catalogue.territory, sources=names)
    only = replace(desk, catalogue=replace(desk.catalogue, territory=territory))
    assert "2 sources to be read again, of 2" in str(source_calendar(only))
    assert "Sources without" not in str(source_calendar(only))


def test_the_page_says_how_to_give_a_source_a_schedule(page, site):
    page.goto(f"{site}/fr/donnees")
    card = page.locator("#data-calendar")
    expect(card.get_by_role("heading", name="Calendrier des sources")).to_be_visible()
    assert schedules(catalogue("haute_loire")) == {}
    expect(card).to_contain_text('schedule = "yearly"')
