"""Record-level files: rows that are right, a generated caseload, and what is known of it."""

from __future__ import annotations

import csv
import io
import pickle
from datetime import date

import pandas as pd
import pytest

from etl.records.commands import embedded_volumes
from etl.records.invented import caseload as invented
from etl.source import Known, RejectedFile
from etl.sources import records
from tests import caseloads
from tests.made_once import made_once

SINCE = "2023-12-31"
COMMUNES = ("43001", "43002", "43003")


@pytest.fixture(scope="session", params=["2026-10-31", "2025-12-31"])
def as_of(request) -> date:
    """The day of the generated extracts: one in the year, one that is its last."""
    return date.fromisoformat(request.param)


@pytest.fixture(scope="session")
def entry():
    """The catalogue entry of a record-level source, by its id."""

    return caseloads.entry


@pytest.fixture(scope="session")
def members():
    """The memberships of communes in one département and one EPCI."""

    def made(codes):
        pairs = [(c, "departement", "43") for c in codes] + [(c, "epci", "E") for c in codes]
        rows = [("commune", code, level, parent) for code, level, parent in pairs]
        return pd.DataFrame(rows, columns=["level", "area_id", "parent_level", "parent_id"])

    return made


@pytest.fixture(scope="session")
def census():
    """As many children in each of some communes."""

    def made(codes, children=1000.0):
        row = {"variable": "population_0_14", "level": "commune", "period": "2022"}
        return pd.DataFrame([{**row, "area_id": code, "value": children} for code in codes])

    return made


@pytest.fixture
def known(words, tmp_path, members, census):
    """Three communes of ours and one beyond, with a zone of one's own."""
    return Known(
        words,
        areas={"commune": frozenset({*COMMUNES, "07001"})},
        tables={
            "membership": {"area_membership": members(COMMUNES)},
            "insee_census_2022": {"figure": census(COMMUNES)},
        },
        records=tmp_path / "records",
        key=tmp_path / "keys" / "pseudonym.key",
    )


@pytest.fixture(scope="session")
def size(words):
    """How much the generated caseload holds."""
    return embedded_volumes(words)


@pytest.fixture(scope="session")
def files(size, as_of):
    """The generated caseload as the files of an authority."""
    made = invented(size, as_of, 43)
    for name in ("own_concerns", "own_assessments", "own_places", "own_measures"):
        made[name]["covered_since"] = SINCE  # two whole years: fewer counts to protect
    return {f"invented_{name}.csv": said for name, said in caseloads.written(made).items()}


@pytest.fixture(scope="session")
def caseload(words, size, files, as_of, tmp_path_factory):
    """The generated caseload, staged on the areas of the territory; with what was known at last."""

    def staged(folder):
        on = caseloads.known(words, size, folder)
        by_source = {name: files[f"invented_{name}.csv"] for name in caseloads.IN_ORDER}
        (folder / "staged.pickle").write_bytes(pickle.dumps(caseloads.staged(by_source, on)))

    made = made_once(tmp_path_factory, f"caseload_{as_of:%Y}", staged)
    return pickle.loads((made / "staged.pickle").read_bytes())


@pytest.fixture(scope="session")
def rows_of(files):
    """The rows of a generated file, as they are written: ``rows_of("own_staff")``."""
    return lambda name: list(csv.DictReader(io.StringIO(files[f"invented_{name}.csv"].decode())))


@pytest.fixture(scope="session")
def measure():
    """A right row of measures by its number; cells may be changed."""

    def made(number, **cells):
        row = {
            "measure_id": f"M{number:04d}",
            "case_id": f"D{number:04d}",
            "child_id": f"E{number:04d}",
            "birth_month": "2014-05",
            "sex": "f",
            "area_id": COMMUNES[number % 3],
            "kind": "home_support",
            "decided_by": "judicial",
            "started_on": "2024-02-01",
            "ended_on": "",
            "place_id": "",
            "extracted_on": "2025-01-31",
            "covered_since": "2023-01-01",
            "invented": "no",
        }
        return {**row, **cells}

    return made


@pytest.fixture(scope="session")
def concern():
    """A right row of concerns by its number; cells may be changed."""

    def made(number, **cells):
        row = {
            "concern_id": f"C{number:04d}",
            "case_id": f"D{number:04d}",
            "child_id": f"E{number:04d}",
            "birth_month": "2014-05",
            "age": "",
            "sex": "f",
            "area_id": COMMUNES[number % 3],
            "received_on": "2023-11-02",
            "source": "school",
            "outcome": "assessed",
            "evaluated_on": "2023-11-06",
            "extracted_on": "2025-01-31",
            "covered_since": "2022-01-01",
            "invented": "no",
        }
        return {**row, **cells}

    return made


@pytest.fixture(scope="session")
def content():
    """The bytes of a file of these rows."""

    def made(rows):
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        return text.getvalue().encode("utf-8")

    return made


@pytest.fixture(scope="session")
def stage(entry, content):
    """Stages rows, or bytes, as an extract of a source."""

    def made(rows, known, name="own_measures"):
        given = rows if isinstance(rows, bytes) else content(rows)
        return records.stage(entry(name), "extract.csv", given, known)

    return made


@pytest.fixture(scope="session")
def many(measure):
    """Good rows enough for one wrong row in a hundred to be held back, not the whole file."""

    def made(*strange, count=300, make=measure):
        return [make(number) for number in range(1, count + 1)] + list(strange)

    return made


@pytest.fixture(scope="session")
def refusal(stage):
    """The issue that refuses rows, or bytes."""

    def made(rows, known, name="own_measures"):
        with pytest.raises(RejectedFile) as caught:
            stage(rows, known, name)
        return caught.value.issue

    return made
