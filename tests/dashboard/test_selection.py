"""The address and the selection: any address is read, and what is shown has one address."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.addresses import LANGUAGES, PATHS, place_of
from dashboard.offer import CLASSINGS, DEFAULT_SORT, FORMS, LAYERS, Offer, offer_of
from dashboard.selection import MOST_COMPARED, Selection, moved, parsed, pinned
from geodata.model import AreaKey

OFFER = Offer(
    indicators={
        "places": {"commune": ("2019", "2020"), "epci": ("2018", "2019", "2020")},
        "care": {"departement": ("2002", "2019")},
    },
    services={"childcare": {"commune": ("2020",), "epci": ("2020",)}},
    standards={"childcare": ("france", "one")},
    areas={
        "commune": frozenset({"43001", "43157"}),
        "epci": frozenset({"200"}),
        "departement": frozenset({"43"}),
    },
    default_level="epci",
    finest_level="commune",
    whole_level="departement",
    benchmarks={
        "commune": ("departement", "epci", "country", "similar", "areas", "target"),
        "epci": ("departement", "country", "areas", "target"),
        "departement": ("country", "similar", "areas", "target"),
    },
    priorities={"prevention": ("epci",)},
    components={"prevention": ("places", "care")},
    chain_levels=("commune", "epci"),
)


@st.composite
def selections(draw: st.DrawFn) -> Selection:
    page = draw(st.sampled_from(["map", "gaps", "data"]))
    indicator = draw(st.sampled_from(sorted(OFFER.indicators)))
    levels = OFFER.services["childcare"] if page == "gaps" else OFFER.indicators[indicator]
    level = draw(st.sampled_from(sorted(levels)))
    areas = [AreaKey(level, area_id) for area_id in sorted(OFFER.areas[level])]
    area = draw(st.sampled_from([None, *areas]))
    told = area or AreaKey("departement", "")
    ids = sorted(OFFER.areas[told.level] - {told.area_id})
    others = st.lists(st.sampled_from(ids), unique=True).map(tuple) if ids else st.just(())
    return Selection(
        language=draw(st.sampled_from(LANGUAGES)),
        page=page,
        indicator=indicator,
        level=level,
        period=draw(st.sampled_from(levels[level])),
        area=area,
        service="childcare",
        standard=draw(st.sampled_from(OFFER.standards["childcare"])),
        sort=draw(st.sampled_from(OFFER.sorts(page, level))),
        against=draw(st.sampled_from(OFFER.benchmarks[told.level])),
        target=draw(st.one_of(st.none(), st.integers(-(10**8), 10**8).map(lambda x: x / 1000))),
        compared=draw(others),
        beside=draw(st.sampled_from(["", *sorted(set(OFFER.indicators) - {indicator})])),
        classing=draw(st.sampled_from(CLASSINGS)),
        layers=tuple(layer for layer in LAYERS if draw(st.booleans())),
        form=draw(st.sampled_from(FORMS)),
        priority="prevention",
        weights=draw(st.sampled_from([(), (1.0, 0.0), (10.0, 2.5)])),
        only=draw(st.sampled_from([(), ("shortage",), ("people:200", "within:epci/200")])),
        sector=draw(st.sampled_from(["", "health"])),
        link=draw(st.sampled_from(["", "detection.social"])),
    )


@given(selections())
def test_what_is_shown_has_an_address_that_shows_it(selection):
    path, _, search = selection.url().partition("?")
    assert parsed(path, f"?{search}", OFFER) == (selection, ())


PARTS = st.sampled_from(
    [
        *("indicator", "level", "period", "area", "service", "standard", "sort"),
        *("against", "target", "compared", "beside", "classing", "layers", "form"),
        *("priority", "weights", "only", "sector", "link", "release"),
    ]
)
SEARCHES = st.one_of(
    st.text(),
    st.lists(st.tuples(PARTS, st.text(max_size=60)), max_size=5).map(
        lambda pairs: "?" + "&".join(f"{name}={value}" for name, value in pairs)
    ),
)


@given(st.one_of(st.sampled_from(sorted(PATHS.values())), st.text()), SEARCHES)
def test_any_address_shows_something_that_is_offered(path, search):
    selection, remarks = parsed(path, search, OFFER)
    levels = {
        "gaps": OFFER.services[selection.service],
        "profile": dict.fromkeys(OFFER.areas, ("",)),
        "priorities": {"epci": ("",)},
        "chain": {"commune": ("",), "epci": ("",)},
    }.get(selection.page, OFFER.indicators[selection.indicator])
    assert selection.period in levels[selection.level]
    assert selection.area is None or selection.area.level == selection.level
    assert all(len(remark.given) <= 40 for remark in remarks)
    again, left = parsed(PATHS[selection.language, selection.page], selection.search(), OFFER)
    assert (again, left) == (selection, ())


@pytest.mark.parametrize(
    ("search", "shown", "remarked"),
    [
        ("layers=names,services", {"layers": ("names", "services")}, []),
        ("layers=none", {"layers": ()}, []),
        ("layers=names,clouds", {"layers": ("names",)}, ["layers"]),
        ("weights=1,0", {"weights": (1.0, 0.0)}, []),
        ("weights=1", {"weights": ()}, ["weights"]),
        ("weights=0,0", {"weights": ()}, ["weights"]),
        ("weights=1,11", {"weights": ()}, ["weights"]),
        ("only=people:200,shortage", {"only": ("shortage", "people:200")}, []),
        ("only=within:epci/200,people:,cats", {"only": ("within:epci/200",)}, ["only", "only"]),
        ("only=within:epci/9,shortage:1", {"only": ()}, ["only", "only"]),
        ("beside=places&indicator=places", {"beside": ""}, ["beside"]),
        ("beside=care&indicator=places", {"beside": "care"}, []),
        ("classing=jenks&form=heat", {"classing": "jenks", "form": "heat"}, []),
        ("sector=magic", {"sector": ""}, ["sector"]),
        ("link=detection.health", {"link": "detection.health"}, []),
        ("link=health", {"link": ""}, ["link"]),
        ("release=r1", {"release": ""}, ["release"]),
    ],
)
def test_the_parts_that_are_lists_or_choices_are_read_and_what_is_not_understood_is_said(
    search, shown, remarked
):
    selection, remarks = parsed("/fr/carte", search, OFFER)
    assert {name: getattr(selection, name) for name in shown} == shown
    assert [remark.name for remark in remarks] == remarked


def test_an_address_pinned_to_a_release_stays_so_from_page_to_page():
    assert pinned("?level=epci&release=r1") == "r1"
    selection, remarks = parsed("/fr/carte", "release=r1", OFFER, "r1")
    assert remarks == ()
    assert moved(selection, OFFER, page="gaps").release == "r1"
    assert "release=r1" in selection.url()
    assert selection.changed(release="").url().count("release") == 0


def test_another_order_of_priority_has_its_own_weights():
    selection, _ = parsed("/fr/priorites", "priority=prevention&weights=1,0", OFFER)
    assert selection.changed(level="commune").weights == (1.0, 0.0)
    assert selection.changed(priority="another").weights == ()


def test_an_empty_address_shows_the_first_indicator_by_default_level_at_the_latest_period():
    selection, remarks = parsed("/fr/carte", "", OFFER)
    assert (selection.indicator, selection.level, selection.period) == ("places", "epci", "2020")
    assert (selection.area, selection.sort, remarks) == (None, DEFAULT_SORT, ())


@pytest.mark.parametrize(
    ("search", "level", "period", "remarked"),
    [
        ("indicator=places&level=commune&period=2020", "commune", "2020", []),
        ("indicator=places&level=commune&period=2018", "commune", "2020", ["period"]),
        ("indicator=care&level=epci&period=2010", "departement", "2002", ["level", "period"]),
        ("indicator=care&period=2020", "departement", "2019", ["period"]),
        ("indicator=care&level=commune&area=43001", "departement", "2019", ["level"]),
        ("indicator=places&level=epci&area=43001", "epci", "2020", ["area"]),
        ("indicator=nothing", "epci", "2020", ["indicator"]),
        ("colour=red&level=epci&level=commune", "epci", "2020", ["", ""]),
    ],
)
def test_what_is_not_offered_is_replaced_and_said(search, level, period, remarked):
    selection, remarks = parsed("/fr/carte", search, OFFER)
    assert (selection.level, selection.period) == (level, period)
    assert [remark.name for remark in remarks] == remarked


def test_an_order_by_what_is_not_shown_is_replaced_and_said():
    for search, page in (("level=epci&sort=nearest_minutes", "gaps"), ("sort=-supply", "map")):
        selection, remarks = parsed(PATHS["fr", page], search, OFFER)
        assert selection.sort == DEFAULT_SORT
        assert [remark.name for remark in remarks] == ["sort"]
    selection, remarks = parsed("/fr/ecarts", "level=commune&sort=nearest_minutes", OFFER)
    assert (selection.sort, remarks) == ("nearest_minutes", ())


def test_another_level_lets_go_of_the_area():
    selection, _ = parsed("/fr/carte", "level=commune&area=43157", OFFER)
    assert selection.changed(level="epci").area is None
    assert selection.changed(period="2019").area == AreaKey("commune", "43157")


def test_what_an_area_is_compared_with_goes_with_its_level():
    search = "level=commune&area=43157&against=areas&compared=43001&target=5"
    selection, remarks = parsed("/fr/carte", search, OFFER)
    assert (selection.against, selection.compared, selection.target) == ("areas", ("43001",), 5)
    assert remarks == ()
    other = selection.changed(area=AreaKey("commune", "43001"))
    assert (other.against, other.compared) == ("areas", ("43001",))
    # The very area is no area to compare it with: it is left out without a word.
    assert parsed("/fr/carte", other.search(), OFFER)[0].compared == ()
    assert parsed("/fr/carte", other.search(), OFFER)[1] == ()
    for elsewhere in (selection.changed(level="epci"), selection.changed(area=None)):
        assert (elsewhere.against, elsewhere.compared) == ("", ())
    # A number of one unit is none of another.
    assert selection.changed(indicator="care").target is None
    assert selection.changed(period="2019").target == 5


def test_the_whole_is_compared_with_what_is_larger():
    selection, _ = parsed("/fr/carte", "level=commune", OFFER)
    assert selection.against == "country"
    selection, remarks = parsed("/fr/carte", "level=commune&against=epci", OFFER)
    assert (selection.against, [remark.name for remark in remarks]) == ("country", ["against"])


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("12,5", 12.5),
        ("12.5", 12.5),
        ("1\u202f200", 1200.0),
        ("-3", -3.0),
        ("\u22123", -3.0),
        ("0", 0.0),
        ("-0", 0.0),
        ("1e400", None),
        ("nan", None),
        ("douze", None),
    ],
)
def test_a_target_is_a_number_as_people_write_it(text, target):
    selection, remarks = parsed("/fr/carte", urlencode({"target": text}), OFFER)
    assert selection.target == target
    assert [remark.name for remark in remarks] == ([] if target is not None else ["target"])


def test_areas_to_compare_are_those_of_the_level_each_once_and_not_too_many():
    ids = [f"{number:05}" for number in range(1, 15)]
    wide = replace(OFFER, areas={**OFFER.areas, "commune": frozenset(ids)})
    search = "level=commune&area=00001&compared=" + ",".join(["00002", "00002", "63001", *ids])
    selection, remarks = parsed("/fr/carte", search, wide)
    assert selection.compared == tuple(ids[1 : 1 + MOST_COMPARED])
    assert [remark.given for remark in remarks] == ["63001", *ids[1 + MOST_COMPARED :]]
    assert {remark.name for remark in remarks} == {"compared"}


def test_what_each_level_may_be_compared_with(words):
    made = offer_of(words, [], {("similar_people", "commune"), ("similar_people", "departement")})
    assert made.benchmarks["commune"] == (
        *("departement", "epci", "canton_or_town", "arrondissement", "country"),
        *("similar_people", "areas", "target"),
    )
    assert made.benchmarks["epci"][-2:] == ("areas", "target")
    assert made.benchmarks["departement"] == ("country", "similar_people", "areas", "target")
    assert made.benchmarks["country"] == ("target",)


def test_the_language_changes_nothing_else_and_a_page_takes_what_it_offers():
    selection, _ = parsed("/fr/carte", "level=commune&period=2019&area=43157", OFFER)
    english = moved(selection, OFFER, language="en")
    assert english.url() == selection.url().replace("/fr/carte", "/en/map")
    gaps = moved(selection, OFFER, page="gaps")
    assert (gaps.level, gaps.period, gaps.area) == ("commune", "2020", selection.area)


def test_places():
    assert place_of("/fr/carte/") == ("fr", "map")
    assert place_of("/fr/map") is None


def test_a_level_is_offered_from_two_areas_with_a_value(words):
    rows = [
        {"indicator": "care_rate", "level": "departement", "period": "2020", "with_value": 98},
        {"indicator": "care_rate", "level": "departement", "period": "2019", "with_value": 2},
        {"indicator": "care_rate", "level": "departement", "period": "2018", "with_value": 1},
        {"indicator": "care_rate", "level": "country", "period": "2020", "with_value": 1},
        {"indicator": "care_rate", "level": "commune", "period": "2020", "with_value": 257},
        {"indicator": "unknown", "level": "commune", "period": "2020", "with_value": 257},
    ]
    assert offer_of(words, rows).indicators == {"care_rate": {"departement": ("2019", "2020")}}
