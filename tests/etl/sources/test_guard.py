"""Whatever the reader, a file that tells who somebody is or how few they are is refused."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from functools import partial

import pandas as pd
import pytest

from etl.source import SECURITY, Known, Ledger, RejectedFile, Staged
from etl.sources import readers
from etl.sources.guard import guarded
from etl.sources.persons import refuse_persons
from geodata.catalogue.nouns import SourceEntry, Text
from geodata.model import Severity

NIR = "2 55 08 14 168 025 38"
ENTRY = SourceEntry(id="own", reader="x", name=Text("x", "x"))


def nothing(_entry, _file, _content, _known):
    return Staged({}, 0, 0)


def refusing(entry, file, _content, _known):
    raise Ledger(entry.id, file).reject("missing_column", "manque", "missing")


def csv(**columns):
    rows = max(map(len, columns.values()))
    made = {"code": [f"43{n:03}" for n in range(1, rows + 1)], **columns}
    return pd.DataFrame(made).to_csv(index=False).encode()


def refusal(content, **public):
    with pytest.raises(RejectedFile) as caught:
        refuse_persons(content, Ledger("own", "own.csv"), **public)
    return caught.value.issue


@pytest.mark.parametrize(
    "content",
    [
        csv(note=["rien", f"suivi de {NIR}"]),
        csv(note=[NIR.replace(" ", "")] * 2),
        csv(note=[NIR.replace(" ", ""), ""]),
        csv(note=["claire@exemple.fr", ""]),
        csv(note=["06 12 34 56 78", "-"]),
        csv(Prenom=["Claire", "Ana"]),
        csv(nom=["x", "y"], date_naissance=["2012", "2013"]),
        csv(ne_le=["01/05/2012", "02/06/2013"]),
        csv(birth=["2012-05-01", "2013-06-02"]),
        csv(n=[1, 2]) + f"note : {NIR},\n".encode(),
        json.dumps([{"code": "1", "usager": {"prenom": "Ana"}}]).encode(),
        json.dumps([{"code": "1", "usager": [{"contact": "ana@exemple.fr"}]}]).encode(),
    ],
)
def test_what_tells_who_somebody_is_refuses_the_file_and_is_never_shown(content):
    issue = refusal(content)
    assert issue.code == "personal_data"
    assert issue.code in SECURITY
    assert issue.severity is Severity.REJECT
    told = issue.text("fr") + issue.text("en") + issue.sample
    for value in (NIR, NIR.replace(" ", ""), "claire@", "Claire", "Ana", "2012", "06 12"):
        assert value not in told
    assert issue.mend_fr
    assert issue.mend_en


@pytest.mark.parametrize(
    "content",
    [
        csv(naissances=[3, 4]),
        csv(nom=["Le Puy", "Brioude"], naissance=["12", "13"]),
        csv(siret=["26430001200011", "26430001200029"]),
        csv(longitude=["3.1850578006084", "4.51234567890123"], y=["48.185057800608436", "45.1"]),
        csv(geometry=["POINT(2.550814168025384 45.255081416802538)", ""]),
        csv(number=["185057800608436", *[f"1850578006084{n:02}" for n in range(90) if n != 36]]),
        csv(n=[1, 2]) + b"Contact : statistiques@exemple.fr,\n",
        csv(label=["Association Pr\xe9nom et nom, " + "x" * 80, "y"]),
    ],
)
def test_counts_codes_coordinates_and_notes_are_no_persons(content):
    refuse_persons(content, Ledger("own", "own.csv"))


def test_the_public_contacts_of_services_are_no_secret_but_the_rest_still_is():
    contacts = csv(tel=["04 71 00 00 00", ""], contact_nom_prenom=["Ana M", ""])
    refuse_persons(contacts, Ledger("own", "f"), ["*", "contact_nom*"])
    assert refusal(contacts, public_contacts=["*"]).code == "personal_data"
    assert refusal(contacts, public_contacts=["contact_nom*"]).code == "personal_data"
    assert refusal(csv(tel=[NIR, ""]), public_contacts=["*"]).code == "personal_data"


def test_a_refusal_for_persons_stands_before_that_of_the_reader(words):
    content = csv(prenom=["Ana"])
    known = Known(words)
    with pytest.raises(RejectedFile) as caught:
        guarded(refusing, ENTRY, "f.csv", content, known)
    assert caught.value.issue.code == "personal_data"
    with pytest.raises(RejectedFile) as caught:
        guarded(refusing, ENTRY, "f.csv", csv(n=[1]), known)
    assert caught.value.issue.code == "missing_column"


def test_records_are_left_to_their_own_door_and_own_directories_may_tell_contacts(words):
    known, content = Known(words), csv(tel=["04 71 00 00 00"])
    guarded(nothing, replace(ENTRY, is_record_level=True), "f.csv", content, known)
    guarded(nothing, replace(ENTRY, options={"makes": "service"}), "f.csv", content, known)
    with pytest.raises(RejectedFile):
        guarded(nothing, replace(ENTRY, options={"makes": "figure"}), "f.csv", content, known)


def test_every_reader_is_guarded():
    for name, stage in readers().items():
        assert isinstance(stage, partial), name
        assert stage.func is guarded


@pytest.mark.parametrize("heading", ["nir", "prenom", "nom,date_naissance"])
def test_a_column_that_a_reader_leaves_aside_refuses_the_file(words, heading):
    content = (
        f"area_level,area_id,variable,period,value,status,{heading}\n"
        "commune,43001,births,2020,3,observed" + ",somebody" * len(heading.split(",")) + "\n"
    ).encode()
    known = Known(words, {"commune": frozenset({"43001"})})
    with pytest.raises(RejectedFile) as caught:
        readers()["figures"](words.sources["insee_births"], "f.csv", content, known)
    assert caught.value.issue.code == "personal_data"
    assert "somebody" not in caught.value.issue.text("fr") + caught.value.issue.text("en")


def test_a_table_of_a_producer_with_a_column_of_nirs_is_refused(words):
    table = pd.DataFrame(
        {"id": ["43001"], **{f"rsa_{y}": [7] for y in range(2017, 2024)}, "extra": [NIR]}
    )
    out = io.BytesIO()
    table.to_parquet(out)
    known = Known(words, {"commune": frozenset({"43001"})})
    with pytest.raises(RejectedFile) as caught:
        readers()["terribot"](words.sources["terribot_rsa"], "rsa.parquet", out.getvalue(), known)
    assert caught.value.issue.code == "personal_data"


def test_a_table_of_a_producer_with_small_counts_is_refused(words):
    counts = {f"rsa_{y}": [3 if y == 2020 else 7] for y in range(2017, 2024)}
    out = io.BytesIO()
    pd.DataFrame({"id": ["43001"], **counts}).to_parquet(out)
    known = Known(words, {"commune": frozenset({"43001"})})
    with pytest.raises(RejectedFile) as caught:
        readers()["terribot"](words.sources["terribot_rsa"], "rsa.parquet", out.getvalue(), known)
    issue = caught.value.issue
    assert (issue.code, issue.column, issue.rows) == ("small_counts", "rsa_households", 1)
    assert issue.code in SECURITY
    assert "commune 43001 2020" in issue.message_fr


@pytest.mark.shared
@pytest.mark.parametrize(
    "name",
    [
        "need/FILO2019_DISP_COM.csv",
        "need/drees_asdep_departements.csv",
        "need/terribot/all.parquet",
        "need/terribot/filo.parquet",
        "service/SAE_2023_PERINAT.csv",
        "service/bpe_ens_2018.parquet",
        "service/fr-en-ips-lycees-ap2022.csv",
        "territory/anct_densite.csv",
        "territory/mouvements_communes_2024.csv",
    ],
)
def test_real_files_of_counts_tell_of_nobody(shared_data, name):
    refuse_persons((shared_data / name).read_bytes(), Ledger("x", name))


@pytest.mark.shared
@pytest.mark.parametrize(
    ("source_id", "name"),
    [
        ("anct_france_services", "france_services_20240801.csv"),
        ("eurostat_healthcare", "eurostat_healthcare_FR.csv"),
        ("drees_sae_identity", "SAE_2023_ID.csv"),
    ],
)
def test_real_directories_tell_of_nobody_beside_their_public_contacts(
    france, shared_data, source_id, name
):
    public = france.catalogue.sources[source_id].public_contacts
    refuse_persons((shared_data / "service" / name).read_bytes(), Ledger("x", name), public)


def test_numbers_of_persons_are_weighed_over_the_whole_of_a_long_column():
    """A control key is right one time in 97 by chance: one column of codes is no column of NIRs."""
    codes = [f"1850578{n:06}36" for n in range(30_000)]
    refuse_persons(csv(code_15=codes), Ledger("own", "own.csv"))

    def with_key(body):
        return f"{body}{97 - int(body) % 97:02}"

    nirs = [with_key(f"1850578{n:06}") for n in range(30_000)]
    assert refusal(csv(code_15=nirs)).code == "personal_data"
