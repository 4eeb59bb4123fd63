import csv
import dataclasses
from datetime import date
from pathlib import Path

import pytest

from geodata.catalogue.entry import CatalogueError
from geodata.catalogue.loader import catalogue, catalogue_text, checked_catalogue
from geodata.catalogue.nouns import Text
from geodata.methods.decay import StepWeights
from geodata.model import Chance, PeriodKind, StandardKind

SHARED = Path(__file__).parents[3] / "shared"
#: Words that may be the same in French and in English.
SAME_IN_BOTH = ("%", "euros")


def text() -> dict[str, bytes]:
    return catalogue_text("haute_loire")


def said_by(entry) -> list[tuple[str, Text]]:
    """Every text of an entry with the name of its field, those of its breaks too."""
    names = [field.name for field in dataclasses.fields(entry)]
    said = [(x, getattr(entry, x)) for x in names if isinstance(getattr(entry, x), Text)]
    return said + [("why", one.why) for one in getattr(entry, "breaks", ())]


def test_every_indicator_says_in_two_languages_what_it_means(words):
    assert len(words.indicators) >= 60
    for entry in (*words.indicators.values(), *words.awaited.values()):
        said = said_by(entry)
        assert {"name", "definition", "limits", "unit"} <= {name for name, _text in said}
        for name, text_ in said:
            assert text_.fr != text_.en or any(x in text_.fr for x in SAME_IN_BOTH), entry.id
            assert "'" not in text_.fr, f"{entry.id}, {name}: a straight apostrophe"
            assert text_.fr == text_.fr.strip(), f"{entry.id}, {name}"


def test_every_indicator_says_what_its_interval_takes_it_for_and_since_when(words):
    chances = {one.chance for one in words.indicators.values()}
    assert chances == set(Chance)
    for one in (*words.indicators.values(), *words.awaited.values()):
        assert isinstance(one.defined_on, date), one.id
    assert words.indicators["care_rate"].chance is Chance.RATE
    assert words.indicators["single_parent_share"].chance is Chance.PROPORTION
    assert words.indicators["median_income"].chance is Chance.NONE


@pytest.mark.shared
def test_the_90_codes_are_each_computed_or_awaited(words):
    file = SHARED / "indicators.csv"
    if not file.is_file():
        pytest.skip("the list of indicators is not beside the project")
    with file.open(encoding="utf-8", newline="") as stream:
        codes = {row["id"] for row in csv.DictReader(stream)}
    computed = {one.code for one in words.indicators.values()}
    awaited = [one.code for one in words.awaited.values()]
    assert len(codes) == 90
    assert codes <= computed | set(awaited)
    assert not computed & set(awaited)
    assert len(awaited) == len(set(awaited))
    assert set(awaited) <= codes
    assert len(codes & computed) >= 50
    others = {one.limits.fr for one in words.indicators.values() if one.code not in codes}
    assert all("hors de la liste des 90" in limits for limits in others)


def test_a_break_is_told_at_the_levels_it_concerns(words):
    rsa = words.indicators["rsa_share"]
    assert [one.period for one in rsa.breaks_at("commune")] == ["2022"]
    assert rsa.breaks_at("departement") == ()
    assert [x.period for x in words.indicators["rsa_covered_rate"].breaks_at("country")] == ["2016"]


def test_the_first_page_opens_on_raw_coverage(words):
    assert words.default_indicator.id == "childcare_raw_coverage"
    assert words.territory.default_level == "epci"


def test_a_period_is_what_its_variable_counts(words):
    kinds = {name: words.period_kind(words.indicators[name]) for name in words.indicators}
    assert kinds["single_parent_share"] is PeriodKind.CENSUS_VINTAGE
    assert kinds["care_rate"] is PeriodKind.ON_31_DECEMBER
    assert kinds["job_seeker_rate"] is PeriodKind.YEAR


def test_an_indicator_knows_its_sources(words):
    found = words.sources_of(words.indicators["childcare_effective_coverage"])
    assert found == ("cnaf_childcare_places", "insee_births")


def test_only_caf_indicators_carry_the_notice_that_msa_is_missing(words):
    carrying = {i.id for i in words.indicators.values() if "msa_missing" in i.notices}
    of_caf = ("rsa_households", "aeeh_households", "caf_households", "caf_persons")
    of_caf += ("rsa_persons", "paje_households", "parental_leave_benefit_households")
    reads = {i.id for i in words.indicators.values() if {*i.numerator, *i.denominator} & {*of_caf}}
    assert carrying == reads


def test_engine_parameters_are_declared_in_text(words):
    service = words.services["childcare"]
    assert service.threshold_minutes == 15
    assert service.decay == StepWeights((5.0, 10.0, 15.0), (1.0, 0.68, 0.22))
    standards = [standard.id for standard in service.standards]
    assert standards == ["france_2020", "one_per_child", "elsewhere_2020"]
    assert words.territory.travel.detour_factor == 1.4


def test_unknown_territory_is_refused_with_those_known():
    with pytest.raises(CatalogueError, match="known: belgium, france, haute_loire"):
        catalogue("atlantis")


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("indicators", b'theme = "employment"', b'theme = "leisure"', "leisure: not described"),
        ("indicators", b'numerator = ["rsa_households"]', b'numerator = ["rsa"]', "rsa"),
        ("indicators", b'direction = "worse"', b'direction = "bad"', "bad"),
        ("indicators", b"per = 1000", b"per = 1000\ncolour = 1", "unknown keys"),
        ("indicators", b'chance = "rate"\n', b"", "KeyError\\('chance'\\)"),
        ("indicators", b'chance = "rate"', b'chance = "luck"', "luck"),
        ("indicators", b"defined_on = 2026-11-22\n", b"", "KeyError\\('defined_on'\\)"),
        ("indicators", b'chance = "none"', b'chance = "proportion"', "a proportion is a part"),
        (
            "indicators",
            b'chance = "none"\ndefined_on = 2026-11-22\nmethod = "coverage"',
            b'chance = "rate"\ndefined_on = 2026-11-22\nmethod = "coverage"',
            "chance rate needs a ratio",
        ),
        (
            "indicators",
            b'levels = ["commune", "canton_or_town", "arr',
            b'levels = ["town", "arr',
            "town",
        ),
        ("indicators", b'counted = { fr = "mesures', b'out_of = { fr = "mesures', "units differ"),
        (
            "indicators",
            b'variable = "poverty_rate"\n',
            b'variable = "poverty_rate"\ncounted = { fr = "a", en = "b" }\n',
            "nothing to count",
        ),
        ("variables", b'"insee_births"', b'"insee"', "insee: not described"),
        ("services", b"weights = [1.0, 0.68, 0.22]", b"weights = [1.0]", "as many"),
        ("territory", b"factor = 1.2", b"factor = 0.8", "between 1 and 5"),
        ("territory", b"winter_factor = 1.1", b"winter = 1.1", "unknown keys in travel.mountain"),
        ("territory", b"speed_kmh = 50.0", b"speed_kmh = 0.0", "speed_kmh > 0"),
        ("territory", b"speed_kmh = 50.0", b"speed = 50.0", "speed"),
        ("themes", b'en = "Families"', b'en = ""', "fr and en"),
        ("territory", b'id = "haute_loire"', b"id = ", "cannot be read"),
    ],
)
def test_a_contradiction_is_named(file, old, new, said):
    files = text()
    assert old in files[file]
    files[file] = files[file].replace(old, new, 1)
    with pytest.raises(CatalogueError, match=said):
        checked_catalogue(files)


def test_counts_of_records_are_under_no_profile_that_asks_for_dominance():
    files = text()
    files["disclosure"] = files["disclosure"].replace(
        b"share = 0.2", b"share = 0.2\ndominance = 0.85"
    )
    with pytest.raises(CatalogueError, match="asks for dominance"):
        checked_catalogue(files)


ONE_ZONE = "upper_minutes = [15.0]\nweights = [1.0]\n"
ZONES = "upper_minutes = [5.0, 15.0]\nweights = [1.0, 0.5]\n"
RATES = "use_rates = { population_0_19 = 1.0, population_65_plus = 3.0 }\n"
ONE = 'kind = "fixed"\nvalue = 1.0\n'


def trial(shared: str, standard: str = ONE) -> dict[str, bytes]:
    """The catalogue with one more category, shared out and judged so."""
    files = text()
    category = f"""
[trial]
name = {{ fr = "Essai", en = "Trial" }}
capacity_unit = {{ fr = "places", en = "places" }}
supply = ["nurses"]
demand = "legal_population"
periods = ["2018"]
sector = "health"
care_step = "home_support"
declared_on = 2026-11-22
{shared}
[[trial.standards]]
id = "one"
period = "2018"
name = {{ fr = "Un", en = "One" }}
{standard}
"""
    files["services"] += category.encode()
    return files


@pytest.mark.parametrize(
    "shared",
    [
        'method = "2sfca"\n' + ONE_ZONE,
        'method = "e2sfca"\n' + ZONES,
        'method = "e2sfca"\nmode = "remote"\n',
        'method = "3sfca"\n' + ZONES,
        'method = "3sfca"\ndecay = { kind = "gaussian", threshold = 20, bandwidth = 9 }\n',
        'method = "apl"\n' + ZONES + RATES,
        'method = "none"\n' + ZONES,
    ],
)
def test_each_method_is_known_with_what_it_needs(shared):
    made = checked_catalogue(trial(shared)).services["trial"]
    assert f'method = "{made.method}"' in shared
    used = ("population_0_19", "population_65_plus")
    assert made.people == (used if RATES in shared else ("legal_population",))
    assert made.variables == ("nurses", *made.people)


@pytest.mark.parametrize("method", ["within", "allocation"])
def test_places_given_one_by_one_are_judged_by_one(method):
    shared = f'method = "{method}"\n{ONE_ZONE}'
    assert checked_catalogue(trial(shared)).services["trial"].method == method
    for other in ('kind = "fixed"\nvalue = 0.5\n', 'kind = "reference"\nvalue = 1.0\n'):
        with pytest.raises(CatalogueError, match="each person for one: its standards are fixed"):
            checked_catalogue(trial(shared, other))


@pytest.mark.parametrize(
    ("shared", "said"),
    [
        ('method = "2sfca"\n' + ZONES, "2sfca needs one zone, of weight 1"),
        ('method = "2sfca"\nupper_minutes = [15.0]\nweights = [0.5]\n', "2sfca needs one zone"),
        ('method = "within"\n' + ZONES, "within needs one zone"),
        ('method = "allocation"\n' + ZONES, "allocation needs one zone"),
        ('method = "within"\nmode = "remote"\n', "within needs one zone"),
        ('method = "3sfca"\nmode = "remote"\n', "3sfca needs zones or a decay"),
        ('method = "apl"\n' + ZONES, "apl, and no other method, needs use_rates"),
        ('method = "3sfca"\n' + ZONES + RATES, "apl, and no other method, needs use_rates"),
        ('method = "e3sfca"\n' + ZONES, "e3sfca"),
        ('method = "apl"\nuse_rates = { people = 1.0 }\n' + ZONES, "people: not described"),
        ('method = "e2sfca"\n', "a service at a place that is computed needs zones or a decay"),
    ],
)
def test_a_method_that_lacks_a_part_is_refused(shared, said):
    with pytest.raises(CatalogueError, match=said) as caught:
        checked_catalogue(trial(shared))
    assert "trial" in str(caught.value)


@pytest.mark.parametrize(
    ("standard", "said"),
    [
        ('kind = "comparative"\nvalue = 0.5\n', "declares neither value nor error"),
        ('kind = "comparative"\nerror = 0.1\n', "declares neither value nor error"),
        ('kind = "fixed"\n', "a fixed standard declares its value"),
        ('kind = "fixed"\nvalue = 0.5\nerror = 1.0\n', "from 0 to below 1"),
        ('kind = "fixed"\nvalue = 0.5\nerror = -0.1\n', "from 0 to below 1"),
        ('kind = "felt"\n', "felt"),
    ],
)
def test_a_standard_that_lacks_a_part_is_refused(standard, said):
    with pytest.raises(CatalogueError, match=said):
        checked_catalogue(trial('method = "e2sfca"\n' + ZONES, standard))


def test_a_standard_is_of_a_kind_and_may_be_off():
    shared = 'method = "e2sfca"\n' + ZONES
    others = checked_catalogue(trial(shared, 'kind = "comparative"\n')).services["trial"]
    assert others.standard("one").kind is StandardKind.COMPARATIVE
    off = checked_catalogue(trial(shared, 'kind = "fixed"\nvalue = 0.5\nerror = 0.2\n'))
    standard = off.services["trial"].standard("one")
    assert (standard.value, standard.error) == (0.5, 0.2)


def test_the_hash_follows_the_text():
    files = text()
    same, other = checked_catalogue(files), dict(files)
    other["themes"] += b"# a word more\n"
    assert checked_catalogue(files).sha256 == same.sha256 != checked_catalogue(other).sha256


def added(described: str) -> dict[str, bytes]:
    return text() | {"added/own.toml": described.encode()}


def test_a_description_may_feed_a_variable_that_is_known_and_nothing_else():
    source = '[sources.own]\nreader = "described"\nname = "Les miennes"\npublished_as = ["x.csv"]\n'
    made = checked_catalogue(added(source + '[variables.births]\nsources = ["own"]\n'))
    assert made.variables["births"].sources[-1] == "own"
    assert made.variables["births"].sources[0] == "insee_births"
    assert made.sources["own"].name.en == "Les miennes"
    for wrong, told in (
        ('[variables.births]\nsources = ["own"]\nminimum = 3\n', "already described"),
        ('[variables.children_under_3]\nsources = ["own"]\n', "derived"),
        ('[variables.births]\nsources = ["nowhere"]\n', "nowhere"),
        ('[indicators.care_rate]\nsources = ["own"]\n', "already described"),
    ):
        with pytest.raises(CatalogueError, match=told):
            checked_catalogue(added(source + wrong))


def test_an_added_indicator_takes_the_words_of_what_it_counts():
    described = (
        '[sources.own]\nreader = "described"\nname = "x"\n[variables.own_n]\nsources = ["own"]\n'
        'name = { en = "Volunteers" }\nunit = { fr = "bénévoles", en = "volunteers" }\n'
        'period_kind = "year"\nadditivity = "exact"\nminimum = 0\nis_whole = true\n'
    )
    indicator = (
        'theme = "families"\ncode = "OWN"\ndecimals = 1\ndefinition = "d"\nlimits = "l"\n'
        'direction = "neutral"\nsector = "social"\ncare_step = "context"\nkind = "demand"\n'
        'levels = ["commune"]\nnotices = []\n'
    )
    published = f'[indicators.a]\n{indicator}method = "published"\nvariable = "own_n"\n'
    ratio = (
        f'[indicators.b]\n{indicator}name = "Share"\nmethod = "ratio"\nper = 1000\n'
        'numerator = ["own_n"]\ndenominator = ["population"]\n'
    )
    found = checked_catalogue(added(described + published + ratio)).indicators
    assert (found["a"].name.fr, found["a"].short.en) == ("Volunteers", "Volunteers")
    assert found["a"].unit.fr == "bénévoles"
    assert found["b"].unit.fr == "bénévoles pour 1000 habitants"
    assert found["b"].unit.en == "volunteers per 1000 residents"
    assert (found["b"].chance, found["b"].defined_on) == (Chance.NONE, None)


def test_marks_of_a_country_are_statuses(words):
    assert words.territory.marks["s"] == "suppressed"
    assert words.territory.marks["///"] == "not_applicable"
    with pytest.raises(CatalogueError, match="hidden"):
        checked_catalogue(
            text() | {"country": text()["country"].replace(b's = "suppressed"', b's = "hidden"')}
        )


def test_one_more_description_stands_for_the_one_of_its_name(tmp_path):
    approved, proposed = tmp_path / "own.toml", tmp_path / "proposed" / "own.toml"
    proposed.parent.mkdir()
    for path, name in ((approved, "Before"), (proposed, "After")):
        path.write_text(f'[sources.own]\nreader = "described"\nname = "{name}"\n', "utf-8")
    assert catalogue("haute_loire", tmp_path).sources["own"].name.fr == "Before"
    assert catalogue("haute_loire", tmp_path, proposed).sources["own"].name.fr == "After"
    assert catalogue("haute_loire", None, proposed).sources["own"].name.fr == "After"
