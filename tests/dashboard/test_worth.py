"""What a value is worth, in words: interval, smoothed value, standing, trend, surroundings."""

from dataclasses import replace

import pandas as pd
import pytest

from dashboard import worth
from dashboard.components.reading import Reading
from dashboard.wording import Words
from geodata.model import AreaKey, Standing

NAN = float("nan")
FRENCH = Words("fr")
HERE = Reading(AreaKey("commune", "A"), "A", True, 9.1, "observed", 35, 385, NAN, NAN)


@pytest.fixture
def indicator(words):
    return replace(words.indicators["rsa_share"], decimals=1)


def test_an_interval_says_its_ends_and_what_it_is_of(indicator):
    chance = replace(HERE, low=12.3, high=15.12, interval="wilson")
    said = worth.interval_sentence(FRENCH, chance, indicator)
    assert said.startswith("Entre 12,3 et 15,1 (95 %) : le hasard")
    drawn = replace(HERE, low=-1.0, high=4.0, interval="drawn")
    said = worth.interval_sentence(FRENCH, drawn, indicator)
    assert said.startswith("Entre −1,0 et 4,0 (90 %) : neuf tirages sur dix")
    assert worth.interval_sentence(FRENCH, HERE, indicator) == ""


def test_the_smoothed_value_stands_beside_the_raw_one(indicator):
    smooth = replace(HERE, smoothed=8.9, smoothed_low=6.4, smoothed_high=11.7)
    said = worth.smoothed_sentence(FRENCH, smooth, indicator, "même EPCI")
    assert said.startswith("Valeur lissée : 8,9, entre 6,4 et 11,7 (95 %).")
    assert "même EPCI" in said
    alike = worth.smoothed_sentence(FRENCH, replace(HERE, smoothed=8.9), indicator, "communes")
    assert "tous y ont la même valeur lissée" in alike
    assert worth.smoothed_sentence(FRENCH, HERE, indicator, "communes") == ""


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_standing_is_said_of_the_right_whole(words, language):
    territory, spoken = words.territory, Words(language)
    said = {
        worth.standing_sentence(spoken, replace(HERE, standing=str(word)), territory)
        for word in Standing
    }
    assert len(said) == len(Standing)
    assert all("Haute-Loire" in text for text in said)
    of_whole = replace(HERE, key=territory.area, standing="higher")
    assert "France" in worth.standing_sentence(spoken, of_whole, territory)
    assert worth.standing_sentence(spoken, HERE, territory) == ""


def segments(*rows):
    names = ["first_period", "last_period", "yearly_change", "low", "high", "verdict"]
    return pd.DataFrame(rows, columns=names)


def test_a_trend_is_said_with_its_limits_and_its_years():
    frame = segments(
        ("2015", "2020", 2.1, 0.4, 3.8, "rising"),
        ("2020", "2023", -4.0, -6.25, -1.5, "falling"),
    )
    assert worth.trend_sentences(FRENCH, frame) == [
        "En hausse de 2,1 % par an (entre 0,4 et 3,8, 95 %), de 2015 à 2020.",
        "En baisse de 4,0 % par an (entre 1,5 et 6,2, 95 %), de 2020 à 2023.",
    ]


def test_an_unclear_trend_and_one_without_limits():
    frame = segments(
        ("2015", "2020", 2.1, -1.0, 5.0, "unclear"), ("2020", "2023", 2.0, None, None, "rising")
    )
    unclear, bare = worth.trend_sentences(FRENCH, frame)
    assert unclear.startswith("Pas d’évolution sûre de 2015 à 2020")
    assert bare == "En hausse de 2,0 % par an, de 2020 à 2023."
    assert worth.trend_sentences(FRENCH, segments()) == []


def test_an_area_s_surroundings_are_said_at_their_period():
    rows = [("A", "2021", "high_high", True), ("B", "2021", "high_high", False)]
    rows += [("C", "2021", "alone", False), ("D", "2021", "none", False)]
    frame = pd.DataFrame(rows, columns=["area_id", "period", "kind", "is_sure"])

    def said(area, period="2021"):
        return worth.cluster_sentence(FRENCH, frame, AreaKey("commune", area), period)

    assert said("A").startswith("Au cœur de valeurs hautes")
    assert said("B") == said("D") == "Ni haut ni bas avec ses voisins de façon sûre."
    assert said("C").startswith("Aucun voisin")
    assert said("A", "2020") == said("Z") == ""


def test_a_slope_of_inequality_says_its_way_and_whether_it_is_sure(indicator):
    def said(value, low, high):
        frame = pd.DataFrame(
            [("2021", "sii", value, low, high, 214)],
            columns=["period", "measure", "value", "low", "high", "areas"],
        )
        return worth.inequality_sentence(FRENCH, frame, indicator, "communes", "2021")

    assert "(214 communes dont le revenu est connu)" in said(-12.0, None, None)
    assert "environ 12,0" in said(-12.0, None, None)
    assert "la valeur baisse de 12,0" in said(-12.0, -15.0, -9.0)
    assert "entre 9,0 et 15,0 (95 %)" in said(-12.0, -15.0, -9.0)
    assert "la valeur monte de 12,0" in said(12.0, 9.0, 15.0)
    assert said(1.0, -2.0, 4.0).startswith("Pas de lien sûr")
    frame = pd.DataFrame(columns=["period", "measure", "value", "low", "high", "areas"])
    assert worth.inequality_sentence(FRENCH, frame, indicator, "communes", "2021") == ""
