"""The data package: whole, described, the same as the interface, and silent where it must be."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import re
import zipfile

import pytest
from frictionless import Package

from dashboard.interface.asked import asked_of
from dashboard.interface.package import DESCRIPTOR, PackageError, write_package
from geodata.model import Principal

LOCAL = Principal("local", "director", ("haute_loire",))
TABLES = ["sources", "areas", "indicators", "observations", "services", "coverage", "gaps"]


@pytest.fixture(scope="module")
def asked(release_data, settings_of):
    return asked_of(LOCAL, settings_of(release_data), None)


@pytest.fixture(scope="module")
def package(asked, tmp_path_factory):
    out = tmp_path_factory.mktemp("package") / "made"
    assert write_package(asked, out) > 50_000
    return out


@pytest.fixture(scope="module")
def archive(asked, tmp_path_factory):
    out = tmp_path_factory.mktemp("package") / "made.zip"
    write_package(asked, out)
    return out


def test_it_is_valid_and_says_whose_it_is(package, asked):
    report = Package(str(package / DESCRIPTOR)).validate()
    assert report.valid, report.flatten(["taskNumber", "rowNumber", "type", "note"])[:5]
    told = json.loads((package / DESCRIPTOR).read_text("utf-8"))
    assert [resource["name"] for resource in told["resources"]] == TABLES
    assert told["id"] == asked.release.release_id
    assert told["created"] == asked.release.made_at
    assert told["licenses"]
    assert all(source["title"] for source in told["sources"])
    for resource in told["resources"]:
        content = (package / resource["path"]).read_bytes()
        assert resource["bytes"] == len(content)
        assert resource["hash"] == "sha256:" + hashlib.sha256(content).hexdigest()
        for field in resource["schema"]["fields"]:
            assert field["description"]
            assert field["type"] != "number" or field["unit"]


def test_its_values_are_those_of_the_interface(package, asked):
    from dashboard.interface.tables import observations

    listing = observations(asked, ["rsa_share"], "commune", None, "2023")
    served = listing.page(5000, 0, False)
    with (package / "observations.csv").open(encoding="utf-8", newline="") as file:
        rows = [
            row
            for row in csv.DictReader(file)
            if (row["indicator"], row["level"], row["period"]) == ("rsa_share", "commune", "2023")
        ]
    assert [row["area_id"] for row in rows] == served["area_id"].tolist()
    for row, value in zip(rows, served["value"], strict=True):
        assert (row["value"] == "") == (value != value)
        assert row["value"] == "" or float(row["value"]) == value


def test_an_archive_holds_the_same_files(archive, package):
    with zipfile.ZipFile(archive) as packed:
        assert packed.testzip() is None
        assert sorted(packed.namelist()) == sorted(path.name for path in package.iterdir())
        for name in packed.namelist():
            assert packed.read(name) == (package / name).read_bytes()


def test_nothing_is_written_over_and_nothing_is_left_of_a_failure(asked, tmp_path, monkeypatch):
    (tmp_path / "there").mkdir()
    with pytest.raises(PackageError):
        write_package(asked, tmp_path / "there")
    with pytest.raises(PackageError):
        write_package(asked, tmp_path / "nowhere" / "package")

    def full(*_places):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="space"):
        write_package(asked, tmp_path / "made")
    assert [path.name for path in tmp_path.iterdir()] == ["there"]


def test_no_protected_number_is_in_a_package(withheld, protected, settings_of, tmp_path):
    asked = asked_of(LOCAL, settings_of(withheld), None)
    write_package(asked, tmp_path / "made")
    for path in (tmp_path / "made").glob("*.csv"):
        text = path.read_text("utf-8")
        numbers = {float(x) for x in re.findall(r"-?\d+(?:\.\d+)?", text)}
        assert not numbers & {round(x, k) for x in protected for k in range(6)}
        assert "Dehors" not in text
        assert not re.search(r"(^|,)[=+@]", text, re.MULTILINE)
    services = (tmp_path / "made" / "services.csv").read_text("utf-8").splitlines()
    assert all(line.endswith(",true") for line in services[1:])


def test_the_command_writes_the_same_each_time_and_refuses_in_words(
    release_data, archive, monkeypatch, tmp_path, capsys
):
    from geodata.command import main

    for name, value in {"DATA": str(release_data), "TERRITORY": "haute_loire"}.items():
        monkeypatch.setenv(f"VIGIE_{name}", value)
    out = tmp_path / "made.zip"
    assert main(["package", "--out", str(out)]) == 0
    assert "rows of 0" in capsys.readouterr().out
    assert out.read_bytes() == archive.read_bytes()
    assert main(["package", "--out", str(out)]) == 1
    assert "already" in capsys.readouterr().err
    assert main(["package", "--out", str(tmp_path / "x"), "--release", "none"]) == 1
    assert "vigie status" in capsys.readouterr().err
