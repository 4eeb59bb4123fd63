"""The care chain of an area in words: seven states, the first broken link, what is unknown."""

import pandas as pd
import pytest

from dashboard.chain import STATES, chain_of
from dashboard.reader import Reader
from dashboard.wording import Words
from geodata.methods.care_chain import CODES, STEPS
from geodata.model import AreaKey, CareStep, Principal, Sector

LOCAL = Principal("local", "director", ("haute_loire",))
KEY = AreaKey("epci", "A")


def link(step, sector, state, service, worst=None, categories=1, unknown=0):
    worst_state, worst_service = worst or (state, service)
    return {
        "level": "epci",
        "area_id": "A",
        "care_step": step,
        "sector": sector,
        "state": state,
        "service": service,
        "worst_state": worst_state,
        "worst_service": worst_service,
        "categories": categories,
        "unknown": unknown,
    }


LINKS = [
    link(
        "universal_prevention", "early_childhood", "sufficient", "childcare",
        ("saturated", "childcare_centre"), 2,
    ),
    link("universal_prevention", "health", "not_applicable", "maternity_unit"),
    link("detection", "social", "reachable", "child_in_danger_helpline"),
    link("home_support", "health", "absent", "nurse"),
    link("home_support", "social", "saturated", "child_protection_educational_action"),
    link("placement", "social", "unknown", "child_protection_residential", None, 2, 2),
]  # fmt: skip
BROKEN = {
    "level": "epci",
    "area_id": "A",
    "verdict": "broken",
    "care_step": "home_support",
    "unknown_before": "targeted_prevention",
}


@pytest.fixture
def told(tmp_path, tiny_release, words):
    """The chain of A in a release of these links."""

    def tell(links=LINKS, broken=BROKEN, language="fr"):
        tables = {
            "area": pd.DataFrame(
                [{"level": "epci", "area_id": "A", "fid": 0, "name": "A", "role": "territory"}]
            ),
            "care_chain": pd.DataFrame(links),
            "broken_link": pd.DataFrame([broken] if broken else []),
        }
        release = tiny_release(tmp_path, {k: v for k, v in tables.items() if len(v)})
        return chain_of(Reader(LOCAL, release, words, Words(language)), KEY)

    return tell


def test_every_state_step_and_sector_has_words_of_its_own():
    for language in ("fr", "en"):
        words = Words(language)
        assert len({words(f"link_state.{code}") for code in CODES}) == len(CODES) == 7
        assert all(words(f"link_meaning.{code}") for code in STATES)
        assert len({words(f"sector.{sector}") for sector in Sector}) == len(Sector)
        assert len({words(f"care_step.{step}") for step in STEPS}) == len(STEPS)
    assert set(STATES) == set(CODES)
    assert set(STEPS) == set(CareStep) - {CareStep.CONTEXT}


def test_steps_are_rows_in_order_and_sectors_those_that_there_are(told):
    chain = told()
    assert chain.sectors == ("Petite enfance", "Social", "Santé")
    assert len(chain.rows) == len(STEPS)
    states = [[cell and cell.state for cell in row.cells] for row in chain.rows]
    assert states[0] == ["sufficient", None, "not_applicable"]
    assert states[4] == [None, "saturated", "absent"]
    assert states[6] == [None, None, None]
    assert [row.is_broken for row in chain.rows] == [False] * 4 + [True, False, False]


def test_the_first_broken_link_is_a_sentence_with_its_services(told):
    assert told().sentence == (
        "Premier maillon rompu : Soutien à domicile. Social, aide sociale à l’enfance : action "
        "éducative – sous le niveau de référence ; Santé, infirmiers libéraux – rien à portée. "
        "Avant lui, on ne connaît pas : Prévention ciblée."
    )


def test_a_chain_that_holds_or_is_unknown_says_so(told):
    holds = BROKEN | {"verdict": "holds", "care_step": None, "unknown_before": None}
    assert told(broken=holds, language="en").sentence == "No link is broken."
    unknown = BROKEN | {"verdict": "unknown", "care_step": None}
    assert told(broken=unknown, language="en").sentence == (
        "No link is broken among those that are known. "
        "The first that is not known: Targeted prevention."
    )


def test_a_cell_tells_the_worst_it_hides_and_its_date(told):
    cell = told().rows[0].cells[0]
    assert cell.behind == (
        "Prévention universelle, Petite enfance : suffisant grâce à accueil du jeune enfant "
        "(2020) ; au pire saturé : établissements d’accueil du jeune enfant (2018)"
    )
    placement = told().rows[5].cells[1]
    assert placement.behind.endswith("catégories inconnues : 2 sur 2")


def test_what_is_unknown_names_the_file_that_would_tell(told):
    (said,) = told().unknown
    assert said.startswith("Inconnu : Accueil hors du domicile (social). ")
    # The territory lists this one: bringing it is enough.
    assert "déposer le fichier" in said


def test_a_file_of_the_rest_of_the_country_is_told_apart(told, words, tmp_path, tiny_release):
    embedded = "equipment_bpe_2018"
    assert embedded in words.territory.sources
    source = dict.fromkeys(
        ("producer", "dataset", "licence", "vintage", "url", "attribution", "sha256", "file"), "x"
    )
    counts = dict.fromkeys(("rows_read", "rows_loaded", "rows_quarantined", "rows_dropped"), 0)
    row = {"source_id": embedded, "origin": "embedded", "retrieved_on": "2026-01-01"}
    tables = {
        "area": pd.DataFrame(
            [{"level": "epci", "area_id": "A", "fid": 0, "name": "A", "role": "territory"}]
        ),
        "care_chain": pd.DataFrame(LINKS[-1:]),
        "source": pd.DataFrame([row | source | counts]),
    }
    release = tiny_release(tmp_path / "other", tables)
    (said,) = chain_of(Reader(LOCAL, release, words, Words("en")), KEY).unknown
    assert "bpe_ens_2018.parquet" in said
    assert said.endswith("this territory does not read it.")


def test_an_area_without_links_has_no_chain(told):
    assert told(links=[], broken=None) is None
