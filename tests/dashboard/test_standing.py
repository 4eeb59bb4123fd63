"""An area's place in the order, in words: ranked, short of figures, or in a level without one."""

import pandas as pd
import pytest

from dashboard.reader import Reader
from dashboard.standing import standings
from dashboard.wording import Words
from geodata.model import AreaKey, Principal

LOCAL = Principal("local", "director", ("haute_loire",))
NAN = float("nan")
WEIGHTS = {
    "poverty_rate": 0.25,
    "single_parent_share": 0.20,
    "rsa_share": 0.15,
    "job_seeker_rate": 0.15,
    "childcare_unmet": 0.25,
}


def areas(level, ids):
    return pd.DataFrame(
        {"level": level, "area_id": ids, "fid": range(len(ids)), "name": ids, "role": "territory"}
    )


def ranked(area_id, rank, **other):
    row = {
        "priority": "family_prevention",
        "level": "epci",
        "area_id": area_id,
        "value": 61.44,
        "status": "estimated",
        "missing_weight": 0.0,
        "rank": rank,
        "rank_low": 1,
        "rank_high": 3,
        "p_worst_fifth": 0.874,
        "share_in_top": 0.998,
        "ranked": 11,
    }
    return row | other


def parts(area_id, missing=()):
    rows = [
        {
            "priority": "family_prevention",
            "level": "epci",
            "area_id": area_id,
            "indicator": name,
            "period": "2021",
            "value": NAN if name in missing else 12.34,
            "standard_error": 0.0,
            "score": NAN if name in missing else 50.0,
            "weight": weight,
            "contribution": NAN if name in missing else 50 * weight,
        }
        for name, weight in WEIGHTS.items()
    ]
    return pd.DataFrame(rows)


@pytest.fixture
def told(tmp_path, tiny_release, words):
    """What is said of an area of a release of these tables."""

    def tell(key, tables, language="fr"):
        release = tiny_release(tmp_path, tables)
        (standing,) = standings(Reader(LOCAL, release, words, Words(language)), key)
        return standing

    return tell


def test_a_rank_comes_with_how_far_it_holds(told):
    tables = {
        "area": areas("epci", ["A", "B"]),
        "priority": pd.DataFrame([ranked("A", 2), ranked("B", 1)]),
        "priority_part": parts("A"),
    }
    standing = told(AreaKey("epci", "A"), tables)
    assert standing.rank.startswith("Rang 2 sur 11,")
    assert standing.why == ""
    interval, fifth, weights = standing.held
    assert interval == "Entre le rang 1 et le rang 3 dans neuf tirages sur dix."
    assert "(3 sur 11) : 87 % des tirages" in fifth
    assert "2 premiers rangs : plus de 99 %" in weights
    assert standing.total == "61,4"
    assert [part.weight for part in standing.parts] == ["25 %", "25 %", "20 %", "15 %", "15 %"]
    poverty = next(part for part in standing.parts if part.name == "Pauvreté")
    assert (poverty.value, poverty.period) == ("12,3", "année 2021")
    assert poverty.points == "12,5"
    assert poverty.unit


def test_a_rank_that_never_moves_and_a_first_place_are_said_simply(told):
    row = ranked("A", 1, rank_low=1, rank_high=1, ranked=5, p_worst_fifth=1.0, share_in_top=0.001)
    tables = {"area": areas("epci", ["A"]), "priority": pd.DataFrame([row])}
    interval, fifth, weights = told(AreaKey("epci", "A"), tables, "en").held
    assert interval == "At rank 1 in nine draws out of ten."
    assert "(1 of 5): 100% of the draws" in fifth
    assert weights.startswith("First: under 1% ")


def test_an_area_short_of_figures_has_no_rank_and_keeps_its_silences(told):
    lacking = ("poverty_rate", "childcare_unmet")
    row = ranked("A", None, value=NAN, status="missing", missing_weight=0.5)
    row |= {"rank_low": None, "rank_high": None, "p_worst_fifth": NAN, "share_in_top": NAN}
    observed = pd.DataFrame(
        {
            "indicator": ["poverty_rate"],
            "level": "epci",
            "area_id": "A",
            "period": "2021",
            "value": NAN,
            "status": "suppressed",
        }
    )
    tables = {
        "area": areas("epci", ["A"]),
        "priority": pd.DataFrame([row]),
        "priority_part": parts("A", lacking),
        "observation": observed,
    }
    standing = told(AreaKey("epci", "A"), tables)
    assert standing.rank == ""
    assert standing.held == ()
    assert standing.total == ""
    assert "50 % du poids" in standing.why
    assert "Pauvreté" in standing.why
    silent = {part.name: (part.value, part.points) for part in standing.parts if part.is_silent}
    assert silent["Pauvreté"] == ("secret", "secret")
    assert silent["Besoin non couvert"] == ("– manquant", "– manquant")


def test_a_level_that_is_not_of_the_priority_says_which_are(told):
    why = told(AreaKey("commune", "A"), {"area": areas("commune", ["A"])}).why
    assert "Intercommunalités (EPCI)" in why
    assert "Communes" not in why


def test_a_level_short_of_figures_names_the_rarest(told):
    observed = pd.DataFrame(
        [
            (name, "epci", area, "2021", float(number))
            for name in WEIGHTS
            for number, area in enumerate("ABCDEF")
            if name != "rsa_share" or number < 2
        ],
        columns=["indicator", "level", "area_id", "period", "value"],
    ).assign(status="observed")
    tables = {"area": areas("epci", list("ABCDEF")), "observation": observed}
    why = told(AreaKey("epci", "A"), tables).why
    assert "(RSA : 2 sur 6)" in why
    same = observed["indicator"] == "poverty_rate"
    alike = pd.concat(
        [
            observed.assign(value=observed["value"].mask(same, 7.0)),
            pd.DataFrame(
                [("rsa_share", "epci", area, "2021", 9.0, "observed") for area in "CDEF"],
                columns=observed.columns,
            ),
        ]
    )
    why = told(AreaKey("epci", "A"), tables | {"observation": alike}).why
    assert why == "Pas de rang à ce niveau : la même valeur partout (Pauvreté)."


def test_an_area_that_is_not_ordered_where_others_are(told):
    tables = {"area": areas("epci", ["A", "B"]), "priority": pd.DataFrame([ranked("B", 1)])}
    assert "ce territoire n’est pas de ceux" in told(AreaKey("epci", "A"), tables).why
