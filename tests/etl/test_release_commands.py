"""diff, publish, refuse, rollback and history, through the real parser, on releases of few rows."""

import getpass
import json

import pandas as pd
import pytest

from geodata.command import main
from geodata.release import CURRENT, current_release, waiting_release


@pytest.fixture
def data(tmp_path, monkeypatch):
    monkeypatch.setenv("VIGIE_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("VIGIE_DOWNLOADS", "no")
    monkeypatch.setenv("VIGIE_SETTLE", "0")
    return tmp_path / "data"


@pytest.fixture
def make(data, tiny_release):
    def made(changes=None, waits=False):
        tables = {} if changes is None else {"change": pd.DataFrame(changes)}
        return tiny_release(data, tables, waits)

    return made


VALUES = {"kind": "values", "indicator": "births", "level": "commune", "rows": 2}
MOVED = {
    "kind": "moved",
    "indicator": "births",
    "level": "commune",
    "area_id": "43157",
    "period": "2020",
    "before": 10.0,
    "after": 12.5,
}
RENAMED = {"kind": "area_renamed", "level": "commune", "area_id": "43157", "detail": "Puy → Le Puy"}


def test_diff_without_any_release_says_so(data, capsys):
    assert main(["diff"]) == 1
    assert capsys.readouterr().out == "No release yet; kept: none.\n"


def test_diff_of_the_first_and_of_one_that_changes_nothing(data, make, capsys):
    first = make()
    assert main(["diff"]) == 0
    said = capsys.readouterr().out
    assert f"Release {first.release_id}, made {first.made_at} on nothing" in said
    assert "It is the first: nothing to compare." in said
    second = make()
    assert main(["diff"]) == 0
    said = capsys.readouterr().out
    assert f"Release {second.release_id}" in said
    assert f"on {first.release_id}" in said
    assert "It changes nothing." in said


def test_diff_tells_every_kind_of_change_and_no_absent_cell(data, make, capsys):
    make()
    make([{**VALUES, "detail": "added 0, removed 1, moved 2"}, MOVED, RENAMED], waits=True)
    assert main(["diff"]) == 0
    lines = capsys.readouterr().out.splitlines()[1:]
    assert [" ".join(line.split()) for line in lines] == [
        "area_renamed commune 43157 Puy → Le Puy",
        "moved births commune 43157 2020 10 -> 12.5",
        "values births commune 2 rows added 0, removed 1, moved 2",
    ]


@pytest.mark.parametrize("row", [VALUES, MOVED, RENAMED], ids=lambda row: row["kind"])
def test_diff_of_one_kind_of_change_alone(data, make, capsys, row):
    """Columns that are absent from every row are absent, not a fault."""
    make()
    make([row])
    assert main(["diff"]) == 0
    (line,) = capsys.readouterr().out.splitlines()[1:]
    assert line.split()[0] == row["kind"]
    assert "nan" not in line.lower()
    assert "None" not in line


def test_diff_is_of_the_release_that_waits_or_of_the_one_that_is_named(data, make, capsys):
    first, waits = make(), make([RENAMED], waits=True)
    for arguments, shown in (([], waits), ([first.release_id], first), ([waits.release_id], waits)):
        assert main(["diff", *arguments]) == 0
        assert f"Release {shown.release_id}," in capsys.readouterr().out
    assert main(["diff", "000009-a"]) == 1
    said = capsys.readouterr().out
    assert "No release 000009-a; kept: " in said
    assert first.release_id in said
    assert waits.release_id in said


def test_publish_names_who_and_why(data, make, capsys):
    make()
    waits = make(waits=True)
    assert main(["publish", waits.release_id, "--by", "Odile Martin", "--reason", "checked"]) == 0
    assert f"Published release {waits.release_id}" in capsys.readouterr().out
    assert current_release(data).release_id == waits.release_id
    assert main(["history"]) == 0
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.split(maxsplit=1)[1].split() == [waits.release_id, "Odile", "Martin", "checked"]


def test_without_a_name_it_is_that_of_the_account(data, make, capsys, monkeypatch):
    monkeypatch.setattr(getpass, "getuser", lambda: "paul")
    make(waits=True)
    assert main(["publish"]) == 0
    capsys.readouterr()
    main(["history"])
    assert capsys.readouterr().out.split()[2] == "paul"


@pytest.mark.parametrize("command", ["publish", "refuse", "rollback"])
def test_blank_is_no_name(data, make, capsys, command):
    first, _second, waits = make(), make(), make(waits=True)
    assert main([command, "--by", "  "]) == 1
    assert capsys.readouterr().err == "vigie: Say who decides: --by NAME.\n"
    assert current_release(data).release_id != first.release_id
    assert waiting_release(data) == waits


def test_refuse_leaves_what_was_published(data, make, capsys):
    first, waits = make(), make(waits=True)
    assert main(["refuse", "--by", "Odile", "--reason", "cut file"]) == 0
    said = capsys.readouterr().out
    assert said == f"Release {waits.release_id} is refused; what was published stays.\n"
    assert current_release(data) == first
    assert waiting_release(data) is None


@pytest.mark.parametrize("command", ["publish", "refuse"])
def test_a_decision_too_late_is_said_in_one_line(data, make, capsys, command):
    make()
    assert main([command, "--by", "Odile"]) == 1
    assert capsys.readouterr().err == "vigie: No release waits for a decision.\n"
    old, new = make(waits=True), make(waits=True)
    assert main([command, old.release_id, "--by", "Odile"]) == 1
    assert f"{new.release_id} does. Look at it." in capsys.readouterr().err
    assert waiting_release(data) == new


def test_rollback_and_then_the_one_that_waited_must_be_made_anew(data, make, capsys):
    first, second, waits = make(), make(), make(waits=True)
    assert main(["rollback", "--by", "Odile"]) == 0
    assert f"Release {first.release_id}, made {first.made_at}, is published again" in (
        capsys.readouterr().out
    )
    assert main(["publish", "--by", "Odile"]) == 1
    said = capsys.readouterr().err
    assert f"{waits.release_id} was compared with {second.release_id}" in said
    assert "Run `vigie refresh`" in said
    assert main(["rollback", "000009-a", "--by", "Odile"]) == 1
    assert "No release 000009-a; kept: 000001" in capsys.readouterr().err


def test_rollback_never_publishes_what_only_waits(data, make, capsys):
    waits = make(waits=True)
    for arguments in ([], [waits.release_id]):
        assert main(["rollback", *arguments, "--by", "Odile"]) == 1
        assert "vigie: " in capsys.readouterr().err
    assert current_release(data) is None


def test_history_says_what_was_known_on_a_day(data, make, capsys):
    assert main(["history"]) == 0
    assert capsys.readouterr().out == ""
    first, second = make(), make()
    pointer = data / CURRENT
    told = json.loads(pointer.read_text())
    for row, day in zip(told["publications"], ("2026-02-27", "2026-03-02"), strict=True):
        row["at"] = f"{day}T10:00:00Z"
    pointer.write_text(json.dumps(told))
    assert main(["history", "--on", "2026-02-26"]) == 1
    assert capsys.readouterr().out == "Nothing was published on 2026-02-26.\n"
    for moment, shown in (
        ("2026-02-27", first),
        ("2026-03-01", first),
        ("2026-03-02T09:59:59Z", first),
        ("2026-03-02", second),
    ):
        assert main(["history", "--on", moment]) == 0
        assert f"On {moment}: release {shown.release_id}, published" in capsys.readouterr().out
    (first.folder / "manifest.json").unlink()
    main(["history", "--on", "2026-02-27"])
    assert "(no longer on disk)" in capsys.readouterr().out
    main(["history", "--on", "2026-03-02"])
    assert "(kept)" in capsys.readouterr().out


@pytest.mark.parametrize("moment", ["27/02/2026", "2026-2-27", "yesterday", "2026-02-27 10:00"])
def test_a_day_written_otherwise_is_refused_not_guessed(data, make, capsys, moment):
    make()
    assert main(["history", "--on", moment]) == 1
    assert "is no date. Write it as 2026-02-27." in capsys.readouterr().err


def test_diff_of_a_release_of_another_version_says_so(data, make, capsys):
    made = make()
    manifest = json.loads((made.folder / "manifest.json").read_text("utf-8"))
    manifest["schema_version"] = 1
    (made.folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    assert main(["diff"]) == 1
    assert "another version" in capsys.readouterr().out
