import json

import pytest

from etl.snapshot import snapshot
from etl.source import RejectedFile


def test_the_embedded_file_is_kept_with_its_passport(tmp_path, settings_of, words):
    taken = snapshot(words.sources["insee_births"], settings_of(tmp_path))
    assert taken.origin == "embedded"
    assert "INSEE" in taken.passport.producer.upper() or "Insee" in taken.passport.producer
    folder = tmp_path / "snapshots" / "insee_births"
    assert (folder / f"{taken.sha256}.csv").read_bytes() == taken.content
    sidecar = json.loads((folder / f"{taken.sha256}.passport.json").read_text())
    assert sidecar["sha256"] == taken.sha256
    assert sidecar["licence"]


def test_the_officers_file_comes_first_and_is_told_apart(tmp_path, settings_of, words):
    (tmp_path / "incoming").mkdir()
    (tmp_path / "incoming" / "insee_births.csv").write_bytes(b"mine\n")
    taken = snapshot(words.sources["insee_births"], settings_of(tmp_path))
    assert (taken.origin, taken.content) == ("incoming", b"mine\n")
    assert taken.passport.sha256 == taken.sha256


def test_an_embedded_file_that_is_not_its_passports_is_refused(
    tmp_path, settings_of, words, monkeypatch
):
    from etl import snapshot as module

    embedded = module._embedded
    changed = tmp_path / "changed.csv"
    changed.write_bytes(b"tampered\n")
    monkeypatch.setattr(
        module, "_embedded", lambda file: changed if file.endswith(".csv") else embedded(file)
    )
    with pytest.raises(RejectedFile) as caught:
        snapshot(words.sources["insee_births"], settings_of(tmp_path))
    assert caught.value.issue.code == "checksum"
