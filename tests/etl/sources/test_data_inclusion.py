"""data·inclusion: small files of the documented schema, and their faults. No real file was met."""

import json
from dataclasses import replace

import pandas as pd
import pytest

from etl.source import Known, RejectedFile
from etl.sources import data_inclusion

HEADER = (
    "id,structure_id,source,nom,conditions_acces,description,type,thematiques,frais,"
    "frais_precisions,publics,publics_precisions,commune,code_postal,code_insee,adresse,"
    "complement_adresse,longitude,latitude,horaires_accueil,lien_source,telephone,courriel,"
    "contact_nom_prenom,date_maj,lien_mobilisation,mobilisable_par,mobilisation_precisions,"
    "modes_accueil,modes_mobilisation,zone_eligibilite,volume_horaire_hebdomadaire,"
    "nombre_semaines,score_qualite"
)
HOUSING = "logement-hebergement--changer-de-logement"
HEALTH = "sante--sante-mentale"


@pytest.fixture
def known(words):
    return Known(words, {"commune": frozenset({"43157"})})


def service(**cells):
    return {
        "id": "dora--1",
        "structure_id": "dora--s",
        "source": "dora",
        "nom": "Aide au logement",
        "type": "accompagnement",
        "thematiques": [HOUSING],
        "frais": "gratuit",
        "code_insee": "43157",
        "longitude": 3.88,
        "latitude": 45.04,
        "modes_accueil": ["en-presentiel"],
        "date_maj": "2026-06-01",
        "contact_nom_prenom": "Camille Martin",
        "courriel": "camille@example.org",
        **cells,
    }


def as_csv(*services):
    lines = [HEADER]
    for row in services:
        cells = [row.get(name) for name in HEADER.split(",")]
        texts = ["" if cell is None else str(cell).replace('"', '""') for cell in cells]
        lines.append(",".join(f'"{text}"' for text in texts))
    return "\n".join(lines).encode() + b"\n"


def as_json(*services):
    names = HEADER.split(",")
    return json.dumps([{name: row.get(name) for name in names} for row in services]).encode()


def staged(known, content, source_id="data_inclusion_services"):
    entry = known.catalogue.sources[source_id]
    return data_inclusion.stage(entry, "services-inclusion-2026-07-06.csv", content, known)


@pytest.mark.parametrize("written", [as_csv, as_json])
def test_a_service_is_under_the_category_of_its_theme(known, written):
    made = staged(known, written(service(), service(id="dora--2", thematiques=[HEALTH, HOUSING])))
    first, second = made.tables["service"].to_dict("records")
    assert first["service_id"] == "data_inclusion:dora--1"
    assert first["category"] == "inclusion_housing"
    assert (first["longitude"], first["latitude"]) == (3.88, 45.04)
    assert (first["position"], first["area_id"], first["period"]) == ("address", "43157", "2026")
    assert first["detail"] == "accompagnement · gratuit"
    assert pd.isna(first["capacity"])
    assert second["category"] == "inclusion_several_needs"


@pytest.mark.parametrize("written", [as_csv, as_json])
def test_names_and_addresses_of_contacts_are_never_read(known, written):
    rows = [service(id=f"dora--{n}", longitude=3.8 + n / 1e4) for n in range(150)]
    made = staged(known, written(*rows, service(id="dora--x", longitude=0.0, latitude=0.0)))
    assert made.held["code"].tolist() == ["null_island"]
    for told in (made.tables["service"].to_string(), made.held.to_string(), str(made.issues)):
        assert "Camille" not in told
        assert "camille@" not in told


def test_a_service_at_a_distance_is_told_and_dropped_where_it_has_no_place(known):
    nowhere = {"code_insee": None, "longitude": None, "latitude": None}
    remote = {"modes_accueil": ["a-distance"]}
    made = staged(known, as_csv(service(**remote), service(id="dora--2", **remote, **nowhere)))
    assert made.dropped == {"no_place": 1}
    assert made.tables["service"]["detail"].tolist() == ["accompagnement · gratuit · a-distance"]


def test_a_service_without_a_point_is_at_its_commune(known):
    made = staged(known, as_csv(service(longitude=None, latitude=None)))
    assert made.tables["service"]["position"].tolist() == ["commune"]


def test_a_service_names_its_organisation(known):
    structures = as_json({"id": "dora--s", "source": "dora", "nom": "CCAS", "date_maj": "2026"})
    made = staged(known, structures, "data_inclusion_structures")
    assert made.tables["organization"].to_dict("records") == [
        {"organization_id": "dora--s", "name": "CCAS"}
    ]
    known = replace(known, tables={"data_inclusion_structures": made.tables})
    made = staged(known, as_csv(service()))
    assert made.tables["service"]["detail"].tolist() == ["CCAS · accompagnement · gratuit"]


@pytest.mark.parametrize(
    ("themes", "category"),
    [
        ("['famille--garde-denfants']", "inclusion_family"),
        ("{famille--garde-denfants,sante--addictions}", "inclusion_several_needs"),
        ("['trouver-un-emploi--x', 'se-former--y']", "inclusion_employment"),
        ('["unheard-of--x"]', "inclusion_other"),
        ("", "inclusion_other"),
    ],
)
def test_themes_are_read_however_a_list_is_written(themes, category):
    assert data_inclusion.category(themes) == category


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"id": ""}, "blank_cell"),
        ({"nom": ""}, "blank_cell"),
        ({"longitude": 300}, "out_of_the_world"),
        ({"date_maj": "hier"}, "bad_period"),
        ({"code_insee": "43999", "longitude": None, "latitude": None}, "unknown_area"),
    ],
)
def test_a_wrong_service_is_held_back(known, wrong, code):
    rows = [service(id=f"dora--{n}", longitude=3.8 + n / 1e4) for n in range(300)]
    made = staged(known, as_csv(*rows, service(**{"id": "dora--x", **wrong})))
    assert made.held["code"].tolist() == [code]


def test_the_older_schema_is_refused(known):
    with pytest.raises(RejectedFile) as caught:
        staged(known, as_csv(service()).replace(b",type,", b",types,"))
    assert (caught.value.issue.code, caught.value.issue.column) == ("missing_column", "type")


def test_every_category_that_is_given_is_in_the_catalogue(words):
    """A service under a category that nobody described would be shown nowhere."""
    given = {*data_inclusion.CATEGORIES.values(), data_inclusion.SEVERAL, data_inclusion.OTHER}
    assert given <= words.services.keys()
