"""Files that expose somebody, or would burst, brought to a whole refresh."""

from __future__ import annotations

import csv
import hashlib
import io
import zipfile
from importlib import resources

import pytest

from etl.decisions import publish_waiting
from etl.records.commands import csv_bytes
from etl.records.contracts.loader import contracts
from etl.refresh import refresh
from etl.source import SECURITY
from geodata import state
from geodata.queries import refreshes
from geodata.release import current_release, publications, reading_engine, waiting_release

#: A name, and cells of its row: nothing of them may be kept or said.
NAME, CASE, BORN = "Bérengère Ruffalinque", "D77413X", "2013-09"


def embedded(source_id):
    return (resources.files("geodata.embedded") / "figures" / f"{source_id}.csv").read_bytes()


def births_with_names():
    """The births, with a column left aside by their reader that says who somebody is."""
    first, *rows = embedded("insee_births").splitlines()
    return b"\n".join((first + b",prenom", *(row + f",{NAME}".encode() for row in rows), b""))


def small_counts():
    """Households on a minimum income: one of their counts is three, which nobody publishes."""
    content = embedded("cnaf_rsa")
    rows = content.splitlines(keepends=True)
    rows[1] = rows[1].replace(b",0,observed", b",3,observed")
    assert rows[1] != content.splitlines(keepends=True)[1]
    return b"".join(rows)


def measures_with_names():
    """An extract of measures, one child of which goes by its name."""
    columns = list(contracts()["own_measures"].columns)
    row = {
        "measure_id": "M77413",
        "case_id": CASE,
        "child_id": NAME,
        "birth_month": BORN,
        "sex": "f",
        "area_id": "43157",
        "kind": "home_support",
        "decided_by": "judicial",
        "started_on": "2024-02-01",
        "extracted_on": "2025-01-31",
        "covered_since": "2023-01-01",
        "invented": "no",
    }
    return csv_bytes(columns, [[row.get(name, "") for name in columns]])


def bomb():
    """A workbook of 20 kB, one sheet of which holds 20 MB of one name and then nothing."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("[Content_Types].xml", "<Types/>")
        packed.writestr("xl/workbook.xml", "<workbook/>")
        packed.writestr("xl/worksheets/sheet1.xml", NAME.encode() + b" " * 20_000_000)
    return made.getvalue()


HOSTILE = {
    "births_with_names": ("insee_births", ".csv", births_with_names, "personal_data"),
    "small_counts": ("cnaf_rsa", ".csv", small_counts, "small_counts"),
    "measures_with_names": ("own_measures", ".csv", measures_with_names, "personal_data"),
    "bomb": ("own_measures", ".xlsx", bomb, "zip_bomb"),
}


@pytest.mark.parametrize("case", list(HOSTILE))
def test_a_hostile_file_is_refused_and_nothing_of_it_is_kept(
    data, bring, settings_of, case, caplog, capfd
):
    source_id, suffix, made, code = HOSTILE[case]
    before, content = current_release(data), made()
    brought = bring(data, source_id, content, suffix)
    outcome = refresh(settings_of(data))
    assert (outcome.outcome, outcome.release) == ("rejected", before)
    assert current_release(data) == before
    assert hashlib.sha256(before.database.read_bytes()).hexdigest() == before.database_sha256
    (refusal,) = [issue for issue in outcome.issues if issue.severity == "reject"]
    assert (refusal.source_id, refusal.code, refusal.file) == (source_id, code, brought.name)
    assert refusal.mend_fr
    assert refusal.mend_en
    assert ("SÉCURITÉ" in refusal.message_fr) == (code in SECURITY)
    log = state.state_engine(data)
    run = refreshes.runs(log).iloc[0]
    kept = state.issues_of(refreshes.run_issues(log, int(run["run_id"])))
    assert run["outcome"] == "rejected"
    assert refusal in kept
    assert refreshes.held_rows(log).empty
    log.dispose()
    copies = data / "snapshots" / source_id / f"{hashlib.sha256(content).hexdigest()}{suffix}"
    assert not copies.exists()
    # Neither the state, nor a step, nor a log beside the officer's own file has a cell of it.
    brought.unlink()
    for path in (path for path in data.rglob("*") if path.is_file()):
        found = path.read_bytes()
        for cell in (NAME, CASE) if source_id == "own_measures" else (NAME,):
            assert cell.encode() not in found, path
    told = "".join(issue.text("fr") + issue.text("en") + issue.sample for issue in kept)
    told += caplog.text + "".join(capfd.readouterr())
    assert not any(cell in told for cell in (NAME, CASE, BORN))


def test_an_expected_file_is_read_once_the_hostile_one_has_gone(data, bring, settings_of):
    brought = bring(data, "own_measures", measures_with_names())
    assert refresh(settings_of(data)).outcome == "rejected"
    brought.unlink()
    assert refresh(settings_of(data)).outcome == "unchanged"


#: A count that its total gives away; it stands in no file that is brought.
SECRET = 137


def entrusted_by_commune():
    """Children entrusted by commune, one of which is withheld beside the published total."""
    content = embedded("drees_aide_sociale")
    rows = csv.DictReader(io.StringIO(content.decode()))
    *_, last = (r for r in rows if (r["variable"], r["area_id"]) == ("children_entrusted", "43"))
    with (resources.files("geodata.embedded") / "territory" / "membership.csv").open() as stream:
        ours = [row["area_id"] for row in csv.DictReader(stream) if row["parent_id"] == "43"]
    cells = dict.fromkeys(ours, "0,observed")
    cells["43157"] = f"{float(last['value']) - SECRET:g},observed"
    cells["43040"] = ",suppressed"
    more = (
        f"commune,{area},children_entrusted,{last['period']},{cell}\n"
        for area, cell in cells.items()
    )
    return content + "".join(more).encode(), last["period"]


def test_a_withheld_count_that_follows_from_a_total_waits_for_a_person(data, bring, settings_of):
    before, chosen = current_release(data), settings_of(data)
    content, period = entrusted_by_commune()
    bring(data, "drees_aide_sociale", content)
    outcome = refresh(chosen)
    assert outcome.outcome == "waiting"
    assert current_release(data) == before
    assert waiting_release(data) == outcome.release
    (held,) = [issue for issue in outcome.issues if issue.severity == "hold"]
    assert (held.source_id, held.code) == ("drees_aide_sociale", "recoverable")
    assert (held.file, held.column) == ("drees_aide_sociale.csv", "children_entrusted")
    assert f"commune 43040 {period}, exactement" in held.message_fr
    assert f"commune 43040 {period}, exactly" in held.message_en
    assert "43040" in held.mend_fr
    assert "43040" in held.mend_en
    log = state.state_engine(data)
    run = refreshes.runs(log).iloc[0]
    kept = state.issues_of(refreshes.run_issues(log, int(run["run_id"])))
    log.dispose()
    assert held in kept
    assert not any(str(SECRET) in issue.text("fr") + issue.text("en") for issue in kept)
    made = publish_waiting(chosen, "A. Martin", "the producer publishes this total itself")
    assert current_release(data) == made
    assert publications(data)[-1].by == "A. Martin"
    published = refreshes.published_figures(reading_engine(made.database), "drees_aide_sociale")
    cell = published[published["area_id"].eq("43040") & published["period"].eq(period)]
    assert cell["status"].tolist() == ["suppressed"]
    assert cell["value"].isna().all()
    assert refresh(chosen).outcome == "unchanged"
