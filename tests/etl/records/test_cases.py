"""Concerns and assessments, counted by hand."""

from datetime import date


def concern(child, received, source="school", **cells):
    return {"child_id": child, "received_on": received, "source": source, **cells}


def assessment(child, received, closed=None, decision=None, **cells):
    said = decision or ("no_follow_up" if closed else None)
    row = {"child_id": child, "received_on": received, "opened_on": received}
    return {**row, "closed_on": closed, "decision": said, **cells}


def test_a_child_named_twice_in_a_year_is_one_child(counts):
    made = counts(
        "own_concerns",
        [
            concern("a", "2025-01-05", birth_month="2015-03"),
            concern("a", "2025-11-05", "health", birth_month="2015-03"),
            concern("b", "2025-12-31", birth_month="2010-12"),  # 15 years that very month
            concern("c", "2025-12-31", birth_month="2011-01"),  # 14
            concern("d", "2025-06-01", age=14),  # no month of birth: the age that is told
            concern("e", "2025-06-01"),  # nobody knows
            concern("f", "2024-12-31", birth_month="2015-03"),
        ],
    )
    assert made["own_concerns_received", "2025"] == 6
    assert made["own_concerns_from_school", "2025"] == 5
    assert made["own_concerns_from_health", "2025"] == 1
    assert made["own_children_with_concern", "2025"] == 5
    assert made["own_children_0_14_with_concern", "2025"] == 3
    assert made["own_concerns_received", "2024"] == 1


def test_twelve_weeks_before_the_extract_are_eighty_four_days(counts):
    rows = [concern("a", "2026-04-08"), concern("b", "2026-04-07"), concern("c", "2026-06-30")]
    assert counts("own_concerns", rows)["own_concerns_last_12_weeks", "2026-06-30"] == 2
    young = counts("own_concerns", rows, since=date(2026, 4, 10))
    assert ("own_concerns_last_12_weeks", "2026-06-30") not in young


def test_three_months_are_calendar_months(counts):
    """From 30 November the third month ends on the last day of February."""
    made = counts(
        "own_assessments",
        [
            assessment("a", "2024-11-30", "2025-02-28"),
            assessment("b", "2024-11-30", "2025-03-01"),
            assessment("c", "2024-11-30"),
            assessment("d", "2025-02-01", "2025-02-02", "judicial"),
        ],
    )
    assert made["own_assessments_begun", "2024"] == 3
    assert made["own_assessments_begun_in_time", "2024"] == 1
    assert made["own_assessments_closed", "2025"] == 3
    assert made["own_assessments_closed_late", "2025"] == 1
    assert made["own_assessments_concluded_no_follow_up", "2025"] == 2
    assert made["own_assessments_concluded_judicial", "2025"] == 1
    assert made["own_assessments_concluded_administrative", "2025"] == 0
    assert made["own_assessments_open", "2024"] == 3
    assert made["own_assessments_open_on_day", "2026-06-30"] == 1
    assert made["own_assessments_open_late", "2026-06-30"] == 1


def test_children_under_two_are_counted_by_the_declared_target(counts):
    """45 days after 1 March is 15 April."""
    made = counts(
        "own_assessments",
        [
            assessment("a", "2025-03-01", "2025-04-15", birth_month="2023-04"),
            assessment("b", "2025-03-01", "2025-04-16", birth_month="2024-04"),
            assessment("c", "2025-03-01", "2025-03-02", birth_month="2023-03"),  # 2 years old
            assessment("d", "2025-03-01", "2025-03-02"),
        ],
    )
    assert made["own_assessments_under_2", "2025"] == 2
    assert made["own_assessments_under_2_in_target", "2025"] == 1


def test_a_target_for_children_whose_age_nobody_tells_is_not_counted(counts):
    made = counts("own_assessments", [assessment("a", "2025-03-01")])
    assert ("own_assessments_under_2", "2025") not in made


def test_children_closed_without_follow_up_are_looked_for_again(counts):
    rows = [
        assessment("a", "2024-01-01", "2024-02-29"),
        assessment("b", "2024-01-01", "2024-02-29"),
        assessment("c", "2024-01-01", "2024-02-29", "judicial"),
        assessment("d", "2024-01-01", "2024-02-29"),
    ]
    heard = [
        concern("a", "2025-02-28"),  # within twelve months
        concern("b", "2025-03-01"),  # a day late
        concern("c", "2024-05-01"),  # was not closed without follow-up
        concern("d", "2024-02-29"),  # not after
    ]
    made = counts("own_assessments", rows, own_concerns=heard)
    assert made["own_children_closed_without_follow_up", "2024"] == 3
    assert made["own_children_seen_again", "2024"] == 1
    # Twelve months after the end of 2025 are not over on 30 June 2026; and without the concerns
    # nobody knows.
    assert ("own_children_seen_again", "2025") not in made
    assert ("own_children_seen_again", "2024") not in counts("own_assessments", rows)
