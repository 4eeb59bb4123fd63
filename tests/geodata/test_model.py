from geodata.model import OUTSIDE_CODE, STATUS_CODES, Issue, Principal, Severity, Status


def test_three_statuses_are_silences():
    silent = {status for status in Status if not status.has_value}
    assert silent == {Status.SUPPRESSED, Status.MISSING, Status.NOT_APPLICABLE}


def test_map_codes_are_those_the_browser_knows():
    assert [STATUS_CODES[status] for status in Status] == [0, 1, 2, 3, 4, 5]
    assert OUTSIDE_CODE == 6


def test_an_issue_names_file_line_column_and_mend_in_both_languages():
    issue = Issue(
        "births",
        Severity.QUARANTINE,
        "bad_value",
        "« x » n’est pas un nombre",
        "'x' is no number",
        mend_fr="Écrire un nombre.",
        mend_en="Write a number.",
        file="births.csv",
        line=7,
        column="value",
    )
    assert issue.text("fr") == (
        "births.csv, ligne 7, colonne value : « x » n’est pas un nombre → Écrire un nombre."
    )
    assert (
        issue.text("en") == "births.csv, line 7, column value: 'x' is no number → Write a number."
    )


def test_a_principal_reads_its_territories_only():
    assert Principal("local", "director", ("haute_loire",)).may_read("haute_loire")
    assert not Principal("local", "director", ("haute_loire",)).may_read("cantal")
    assert not Principal("nobody", "director").may_read("haute_loire")


def test_the_methods_know_the_same_statuses():
    from geodata.methods.rates import STATUS_PRECEDENCE

    assert set(STATUS_PRECEDENCE) == set(Status)
