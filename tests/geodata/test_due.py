"""When a source is due: once in a period of the territory's calendar, whatever the clock does."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from geodata import due as calendar
from geodata.catalogue.entry import CatalogueError
from geodata.catalogue.nouns import SourceEntry, Text
from geodata.due import Schedule, due, last_runs, next_start, period_start
from tests.job_history import history

PARIS = ZoneInfo("Europe/Paris")
NOON = datetime.fromisoformat("2026-03-04T12:00:00")


def source(id_, words):
    return SourceEntry(id_, "figures", Text(id_, id_), schedule=words)


def utc(text, zone=PARIS, fold=0):
    """The moment, in UTC without zone, when clocks of the zone show this."""
    local = datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold)
    return local.astimezone(UTC).replace(tzinfo=None)


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("daily", Schedule("daily")),
        (
            " weekly at 05:00 ",
            Schedule("weekly", datetime.fromisoformat("2026-01-01T05:00").time()),
        ),
        ("yearly at 23:59", Schedule("yearly", datetime.fromisoformat("2026-01-01T23:59").time())),
    ],
)
def test_words_of_a_schedule(text, made):
    assert calendar.schedule(text) == made


@pytest.mark.parametrize(
    "text", ["", "hourly", "daily at 5:00", "daily at 24:00", "daily at", "Daily", "daily 05:00"]
)
def test_other_words_are_refused_with_the_mend(text):
    with pytest.raises(ValueError, match="write daily, weekly"):
        calendar.schedule(text)


@pytest.mark.parametrize(
    ("words", "moment", "first"),
    [
        ("daily", "2026-03-04T00:00", "2026-03-04"),
        ("daily at 05:00", "2026-03-04T04:59", "2026-03-03"),
        ("daily at 05:00", "2026-03-04T05:00", "2026-03-04"),
        ("weekly", "2026-03-01T23:59", "2026-02-23"),
        ("weekly at 05:00", "2026-03-02T04:00", "2026-02-23"),
        ("weekly at 05:00", "2026-03-03T04:00", "2026-03-02"),
        ("monthly at 05:00", "2026-03-01T04:59", "2026-02-01"),
        ("monthly at 05:00", "2026-03-02T01:00", "2026-03-01"),
        ("quarterly", "2026-06-30T12:00", "2026-04-01"),
        ("quarterly at 05:00", "2026-01-01T00:30", "2025-10-01"),
        ("yearly at 05:00", "2026-01-01T04:00", "2025-01-01"),
        ("yearly", "2026-12-31T23:00", "2026-01-01"),
    ],
)
def test_the_period_of_a_moment(words, moment, first):
    found = period_start(calendar.schedule(words), datetime.fromisoformat(moment))
    assert found.isoformat() == first


def due_at(words, last, now, zone=PARIS):
    return bool(due([source("a", words)], {"a": last}, now, zone))


def test_a_source_that_was_never_read_is_due_and_one_without_schedule_never():
    entries = [source("b", "yearly"), source("a", "daily"), source("c", None)]
    assert due(entries, {}, NOON, PARIS) == ["b", "a"]


def test_due_once_a_day_after_its_hour_of_the_territory():
    last = utc("2026-03-03T05:00:10")
    assert not due_at("daily at 05:00", last, utc("2026-03-04T04:59:59"))
    assert due_at("daily at 05:00", last, utc("2026-03-04T05:00:00"))
    assert not due_at("daily at 05:00", utc("2026-03-04T05:00:00"), utc("2026-03-04T23:59:59"))


def test_what_was_missed_is_made_up_for_once():
    week_ago = utc("2026-02-25T05:00")
    assert due_at("daily at 05:00", week_ago, utc("2026-03-04T03:00"))
    assert not due_at("daily at 05:00", utc("2026-03-04T03:00"), utc("2026-03-04T04:00"))
    assert due_at("daily at 05:00", utc("2026-03-04T03:00"), utc("2026-03-04T05:00"))


def times_due(words, zone, start, hours, step=timedelta(minutes=10), clock=lambda moment: moment):
    """How often a source falls due, by a worker that looks every ten minutes."""
    last, found, moment = start - timedelta(days=400), [], start
    while moment < start + timedelta(hours=hours):
        shown = clock(moment)
        if due_at(words, last, shown, zone):
            found.append(shown)
            last = shown
        moment += step
    return found


@pytest.mark.parametrize("words", ["daily", "daily at 02:30", "daily at 03:00"])
@pytest.mark.parametrize("day", ["2026-03-27", "2026-10-23"])
def test_summer_time_neither_skips_nor_doubles_a_day(words, day):
    start = utc(f"{day}T12:00")
    found = times_due(words, PARIS, start, 5 * 24)
    days = [moment.replace(tzinfo=UTC).astimezone(PARIS).date() for moment in found]
    assert len(days) == len(set(days)) == 6  # the first at once: it was never read


def test_the_hour_that_comes_twice_counts_once():
    first, again = utc("2026-10-25T02:35", fold=0), utc("2026-10-25T02:35", fold=1)
    assert again - first == timedelta(hours=1)
    assert due_at("daily at 02:30", utc("2026-10-24T02:30"), first)
    assert not due_at("daily at 02:30", first, again)
    assert not due_at("daily at 02:30", first, utc("2026-10-25T02:10", fold=1))


def test_the_hour_that_is_skipped_is_made_up_for():
    before, after = utc("2026-03-29T01:59"), utc("2026-03-29T03:00")
    assert after - before == timedelta(minutes=1)
    last = utc("2026-03-28T02:30")
    assert not due_at("daily at 02:30", last, before)
    assert due_at("daily at 02:30", last, after)


@pytest.mark.parametrize("back", [timedelta(hours=1), timedelta(days=1), timedelta(days=40)])
@pytest.mark.parametrize("words", ["daily at 05:00", "weekly", "monthly at 05:00"])
def test_a_clock_that_goes_back_runs_nothing_twice(words, back):
    start = utc("2026-03-04T12:00")
    jump = start + timedelta(hours=30)

    def clock(moment):
        return moment if moment < jump else moment - back

    straight = times_due(words, PARIS, start, 24 * 50)
    found = times_due(words, PARIS, start, 24 * 50 + back / timedelta(hours=1), clock=clock)
    plan = calendar.schedule(words)

    def periods(moments):
        return [
            period_start(plan, m.replace(tzinfo=UTC).astimezone(PARIS).replace(tzinfo=None))
            for m in moments
        ]

    assert len(periods(found)) == len(set(periods(found)))
    assert periods(found) == periods(straight), "and nothing is skipped either"


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_the_day_is_that_of_the_territory(zone):
    there = ZoneInfo(zone)
    assert due_at("daily", utc("2026-03-03T23:50", there), utc("2026-03-04T00:00", there), there)
    assert not due_at(
        "daily", utc("2026-03-04T00:00", there), utc("2026-03-04T23:50", there), there
    )


def test_the_newest_job_that_served_a_source_counts():
    day = timedelta(days=1)
    found = last_runs(
        history(
            ("failed", NOON, "{}", False),
            ("cancelled", NOON - day, "{}", False),  # it stopped with its worker
            ("cancelled", NOON - 2 * day, '{"sources": ["a"]}', True),
            ("done", NOON - 3 * day, '{"sources": ["a", "b"]}', False),
            ("done", NOON - 4 * day, "{}", False),
        ),
        ["a", "b", "c", "d"],
    )
    assert found == {
        "a": NOON - 2 * day,
        "b": NOON - 3 * day,
        "c": NOON - 4 * day,
        "d": NOON - 4 * day,
    }


def test_a_refresh_by_hand_stands_for_sources_that_no_job_served():
    rows = history(("running", NOON, '{"sources": ["a"]}', False))
    before = NOON - timedelta(hours=1)
    assert last_runs(rows, ["a", "b"], before) == {"a": NOON, "b": before}
    assert last_runs(rows, ["a", "b"]) == {"a": NOON}


def test_a_job_asked_now_outweighs_one_that_a_wrong_clock_dated_in_the_future():
    far = NOON + timedelta(days=10_000)
    assert last_runs(history(("done", NOON, "{}", False), ("done", far, "{}", False)), ["a"]) == {
        "a": NOON
    }


def test_a_wrong_schedule_or_time_zone_names_its_place(words):
    name = words.territory.sources[0]
    wrong = replace(words.sources[name], schedule="each day")
    with pytest.raises(CatalogueError, match=rf"\[{name}\], schedule: 'each day'"):
        calendar.schedules(replace(words, sources={**words.sources, name: wrong}))
    for zone in ("Europe/Nowhere", "../etc/passwd", ""):
        elsewhere = replace(words, territory=replace(words.territory, time_zone=zone))
        with pytest.raises(CatalogueError, match="time_zone"):
            calendar.time_zone(elsewhere)


@pytest.mark.parametrize(
    ("words", "moment", "following"),
    [
        ("daily at 05:00", "2026-03-04T04:59", "2026-03-04"),
        ("daily", "2026-12-31T12:00", "2027-01-01"),
        ("weekly", "2026-03-01T23:59", "2026-03-02"),
        ("monthly", "2026-01-31T00:00", "2026-02-01"),
        ("monthly at 05:00", "2026-03-01T04:59", "2026-03-01"),
        ("quarterly", "2026-11-23T12:00", "2027-01-01"),
        ("yearly", "2028-01-01T00:00", "2029-01-01"),
    ],
)
def test_the_day_on_which_a_source_is_due_next(words, moment, following):
    found = next_start(calendar.schedule(words), datetime.fromisoformat(moment))
    assert found.isoformat() == following


@pytest.mark.parametrize("every", calendar.EVERY)
def test_periods_follow_one_another_without_a_gap(every):
    plan, day = Schedule(every), date(2024, 1, 1)
    while day < date(2028, 3, 2):
        local = datetime.combine(day, time())
        begins = next_start(plan, local)
        assert period_start(plan, local) <= day < begins
        assert period_start(plan, datetime.combine(begins, time())) == begins
        before = begins - timedelta(days=1)
        assert period_start(plan, datetime.combine(before, time())) == (period_start(plan, local))
        day += timedelta(days=1)
