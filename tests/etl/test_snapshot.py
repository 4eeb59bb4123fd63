import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest

from etl.download import Downloaded
from etl.snapshot import incoming_files, snapshot, unknown_files
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


@pytest.mark.parametrize("told", ["0" * 64, ""])
def test_a_file_that_is_not_its_passports_is_refused(tmp_path, settings_of, words, told):
    (tmp_path / "incoming").mkdir()
    brought = tmp_path / "incoming" / "insee_births.csv"
    brought.write_bytes(b"mine\n")
    names = ("producer", "dataset", "licence", "vintage", "url", "attribution", "retrieved_on")
    lines = [f'{name} = "mine"' for name in names] + [f'sha256 = "{told}"']
    brought.with_name("insee_births.csv.toml").write_text("\n".join(lines))
    if not told:  # a passport need not say the hash
        assert snapshot(words.sources["insee_births"], settings_of(tmp_path)).has_passport
        return
    with pytest.raises(RejectedFile) as caught:
        snapshot(words.sources["insee_births"], settings_of(tmp_path))
    assert caught.value.issue.code == "checksum"


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


# Which file is taken, first found first.


@pytest.fixture
def incoming(tmp_path):
    (tmp_path / "incoming" / "2026").mkdir(parents=True)
    return tmp_path / "incoming"


def entry(words, **changes):
    """A source without an embedded file, known by two published names."""
    plain = {
        "id": "births",
        "file": None,
        "published_as": ("births_*.csv", "naissances.csv"),
        "passport": {"producer": "Insee", "vintage": "2024", "licence": "Licence Ouverte"},
    }
    return replace(words.sources["insee_births"], **{**plain, **changes})


def code_of(*arguments, **named):
    with pytest.raises(RejectedFile) as caught:
        snapshot(*arguments, **named)
    return caught.value.issue.code


@pytest.mark.parametrize("name", ["births_2024.csv", "2026/births_2024.csv", "naissances.csv"])
def test_a_file_is_known_by_the_name_its_producer_gives_it(
    tmp_path, incoming, settings_of, words, name
):
    (incoming / name).write_bytes(b"theirs\n")
    taken = snapshot(entry(words), settings_of(tmp_path))
    assert (taken.origin, taken.file, taken.content) == ("incoming", Path(name).name, b"theirs\n")
    assert (taken.passport.producer, taken.passport.vintage) == ("Insee", "2024")
    assert taken.has_passport


def test_the_name_of_the_source_comes_before_published_ones(tmp_path, incoming, settings_of, words):
    (incoming / "births_2024.csv").write_bytes(b"theirs\n")
    (incoming / "births.csv").write_bytes(b"mine\n")
    assert snapshot(entry(words), settings_of(tmp_path)).content == b"mine\n"


def test_two_files_that_claim_to_be_one_source_are_named(tmp_path, incoming, settings_of, words):
    (incoming / "births_2023.csv").write_bytes(b"a\n")
    (incoming / "2026" / "births_2024.csv").write_bytes(b"b\n")
    with pytest.raises(RejectedFile) as caught:
        snapshot(entry(words), settings_of(tmp_path))
    issue = caught.value.issue
    assert issue.code == "ambiguous"
    assert "2026/births_2024.csv, births_2023.csv" in issue.message_fr
    assert issue.mend_en == "Leave only one of them in the incoming folder."
    assert not (tmp_path / "snapshots").exists()


def test_a_file_that_two_names_match_is_one_file(tmp_path, incoming, settings_of, words):
    (incoming / "births_2024.csv").write_bytes(b"a\n")
    both = entry(words, published_as=("births_*.csv", "*_2024.csv"))
    assert snapshot(both, settings_of(tmp_path)).content == b"a\n"


def test_a_link_or_a_folder_of_that_name_is_no_file(tmp_path, incoming, settings_of, words):
    (tmp_path / "elsewhere.csv").write_bytes(b"secret\n")
    (incoming / "births_2024.csv").symlink_to(tmp_path / "elsewhere.csv")
    (incoming / "naissances.csv").mkdir()
    assert snapshot(entry(words), settings_of(tmp_path)) is None


def test_nothing_anywhere_is_none(tmp_path, settings_of, words):
    assert snapshot(entry(words), settings_of(tmp_path)) is None


def test_a_passport_beside_the_file_is_that_of_the_file(tmp_path, incoming, settings_of, words):
    (incoming / "births.csv").write_bytes(b"mine\n")
    fields = ("producer", "dataset", "licence", "vintage", "url", "attribution", "retrieved_on")
    told = "\n".join(f'{name} = "{name} of mine"' for name in fields)
    sha256 = hashlib.sha256(b"mine\n").hexdigest()
    for said in ("", sha256, sha256.upper()):
        (incoming / "births.csv.toml").write_text(f'{told}\nsha256 = "{said}"', "utf-8")
        taken = snapshot(entry(words), settings_of(tmp_path))
        assert taken.passport.producer == "producer of mine"
        assert taken.passport.sha256 == taken.sha256 == sha256
    (incoming / "births.csv.toml").write_text(f'{told}\nsha256 = "{"0" * 64}"', "utf-8")
    assert code_of(entry(words), settings_of(tmp_path)) == "checksum"
    (incoming / "births.csv.toml").write_text('producer = "half of one"', "utf-8")
    assert code_of(entry(words), settings_of(tmp_path)) == "passport"
    (incoming / "births.csv.toml").write_bytes(b"\xff\xfe")
    assert code_of(entry(words), settings_of(tmp_path)) == "passport"


def test_a_file_of_nobody_knows_whom_says_so(tmp_path, incoming, settings_of, words):
    (incoming / "births.csv").write_bytes(b"mine\n")
    taken = snapshot(entry(words, passport={}), settings_of(tmp_path))
    assert not taken.has_passport
    assert taken.passport.producer == "?"


def test_a_file_over_the_size_of_its_source_is_refused(tmp_path, incoming, settings_of, words):
    (incoming / "births.csv").write_bytes(b"x" * 11)
    assert code_of(entry(words, largest_bytes=10), settings_of(tmp_path)) == "too_big"
    assert snapshot(entry(words, largest_bytes=11), settings_of(tmp_path)).sha256


# From the producer's address, or as it was kept.


def downloaded(path, content):
    path.write_bytes(content)
    sha256 = hashlib.sha256(content).hexdigest()
    address = "https://example.org/births.csv"
    return Downloaded(address, "births_2025.csv", str(path), sha256, "", "", "2026-03-01")


def test_a_file_is_taken_from_its_address_and_dated(tmp_path, settings_of, words):
    asked = []

    def take(source, folder):
        asked.append((source.id, folder))
        return downloaded(tmp_path / "raw", b"fresh\n")

    reachable = entry(words, address="https://example.org/births.csv")
    taken = snapshot(reachable, settings_of(tmp_path), download=take)
    assert asked == [("births", tmp_path / "downloads")]
    assert (taken.origin, taken.file, taken.content) == (
        "downloaded",
        "births_2025.csv",
        b"fresh\n",
    )
    assert taken.passport.retrieved_on == "2026-03-01"
    assert taken.path.parent == tmp_path / "snapshots" / "births"
    # A source without an address is not asked for; a file that was brought comes first.
    assert snapshot(entry(words), settings_of(tmp_path), download=take) is None
    (tmp_path / "incoming").mkdir()
    (tmp_path / "incoming" / "births.csv").write_bytes(b"mine\n")
    assert snapshot(reachable, settings_of(tmp_path), download=take).origin == "incoming"
    assert len(asked) == 1


def test_a_download_that_is_not_what_was_hashed_is_refused(tmp_path, settings_of, words):
    def take(_source, _folder):
        got = downloaded(tmp_path / "raw", b"fresh\n")
        (tmp_path / "raw").write_bytes(b"cut")
        return got

    reachable = entry(words, address="https://example.org/births.csv")
    assert code_of(reachable, settings_of(tmp_path), download=take) == "unstable"
    assert not list((tmp_path / "snapshots").rglob("*.csv"))


def row_of(taken, **changes):
    passport = {name: getattr(taken.passport, name) for name in taken.passport.__slots__}
    return {**passport, "file": taken.file, "origin": taken.origin, **changes}


def test_what_the_published_release_was_made_from_is_kept(tmp_path, incoming, settings_of, words):
    chosen = settings_of(tmp_path)
    (incoming / "births_2024.csv").write_bytes(b"theirs\n")
    first = snapshot(entry(words), chosen)
    (incoming / "births_2024.csv").unlink()
    kept = snapshot(entry(words), chosen, {"births": row_of(first)})
    assert (kept.origin, kept.content, kept.file) == ("kept", b"theirs\n", "births_2024.csv")
    assert kept.passport == first.passport
    # Not without a release, not when its bytes are gone, nor for records about persons.
    assert snapshot(entry(words), chosen) is None
    persons = entry(words, is_record_level=True)
    assert snapshot(persons, chosen, {"births": row_of(first)}) is None
    first.path.unlink()
    assert snapshot(entry(words), chosen, {"births": row_of(first)}) is None


def test_an_embedded_file_is_read_anew_not_kept(tmp_path, settings_of, words):
    births = words.sources["insee_births"]
    first = snapshot(births, settings_of(tmp_path))
    row = row_of(first)
    assert snapshot(births, settings_of(tmp_path), {births.id: row}).origin == "embedded"
    # Its address does not answer: the file carried with the project is at hand.
    reachable = replace(births, address="https://example.org/births.csv")
    taken = snapshot(reachable, settings_of(tmp_path), {births.id: row}, lambda *_: None)
    assert taken.origin == "embedded"


def test_records_about_persons_are_left_where_they_are(tmp_path, incoming, settings_of, words):
    (incoming / "births.csv").write_bytes(b"persons\n")
    taken = snapshot(entry(words, is_record_level=True), settings_of(tmp_path))
    assert taken.path == incoming / "births.csv"
    assert not (tmp_path / "snapshots").exists()


def test_the_sidecar_of_a_json_file_is_not_the_file(tmp_path, incoming, settings_of, words):
    (incoming / "births.json").write_bytes(b'{"of": "theirs"}')
    taken = snapshot(entry(words, published_as=("births.json",)), settings_of(tmp_path))
    assert taken.content == b'{"of": "theirs"}'
    sidecar = taken.path.with_name(f"{taken.sha256}.passport.json")
    assert json.loads(sidecar.read_text())["producer"] == "Insee"


def test_the_same_bytes_are_kept_once(tmp_path, incoming, settings_of, words):
    for name in ("births_2023.csv", "births_2024.csv"):
        (incoming / name).write_bytes(b"same\n")
        taken = snapshot(entry(words), settings_of(tmp_path))
        assert taken.file == name
        (incoming / name).unlink()
    assert len(list((tmp_path / "snapshots").rglob("*.csv"))) == 1


# Files that no source claims.


def test_a_file_of_no_source_is_told_and_those_of_sources_are_not(tmp_path, incoming, words):
    births = words.sources["insee_births"]
    for name in (
        f"{births.id}.csv",
        f"{births.id}.csv.toml",
        "cnaf_rsa.csv.toml",
        ".hidden",
        "births.csv",
        "stray.csv.toml",
    ):
        (incoming / name).write_bytes(b"x\n")
    (incoming / "2026" / "deep.csv").write_bytes(b"x\n")
    told = list(unknown_files(incoming, words))
    assert [(i.severity, i.code, i.file) for i in told] == [
        ("warning", "unknown_file", "births.csv"),
        ("warning", "unknown_file", "stray.csv.toml"),
    ]
    assert list(unknown_files(tmp_path / "absent", words)) == []


def test_a_published_name_and_its_passport_are_known(incoming, words):
    named = entry(words)
    known = replace(words, sources={"births": named})
    for name in ("births_2024.csv", "births_2024.csv.toml"):
        (incoming / name).write_bytes(b"x\n")
    assert incoming_files(named, incoming) == [incoming / "births_2024.csv"]
    assert list(unknown_files(incoming, known)) == []
