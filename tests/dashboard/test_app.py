"""The app without a browser: addresses, languages, routes of the map, words, `vigie serve`."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import string
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

import pytest

import dashboard
from dashboard.addresses import LANGUAGES, PATHS
from dashboard.app import PAGES, create_app
from dashboard.commands import serve
from dashboard.wording import Words, texts
from geodata.catalogue.nouns import Text
from geodata.model import PeriodKind
from geodata.release import current_release
from geodata.settings import SettingError
from tests.dashboard.drawn_pages import drawn_by
from tests.typing_spaces import typed


@pytest.fixture(scope="module")
def client(release_data, settings_of):
    return create_app(settings_of(release_data)).server.test_client()


@pytest.fixture(scope="module")
def release(release_data):
    return current_release(release_data)


def opened(client, path, search=""):
    """What the server draws for an address, spaces as they are typed."""
    return typed(drawn_by(client, path, search))


def framed(client, referer):
    """The frame that Dash starts from, as the page of an address asks for it: its two parts."""
    headers = {"Referer": referer} if referer else None
    location, shell = client.get("/_dash-layout", headers=headers).get_json()["props"]["children"]
    return location["props"], shell["props"]


def test_the_frame_comes_with_its_page(client):
    """What the callback would draw, without a second question; nothing is asked for again."""
    location, shell = framed(client, "http://localhost/fr/carte?level=commune")
    assert (location["pathname"], location["search"]) == ("/fr/carte", "?level=commune")
    drawn = json.loads(opened(client, "/fr/carte", "?level=commune"))
    begun = json.loads(typed(json.dumps(shell["children"], ensure_ascii=False)))
    assert begun == drawn["response"]["shell"]["children"]
    assert framed(client, "http://localhost/en/gaps")[0]["search"] == ""


def test_a_frame_is_not_kept_for_another_page(client):
    """Going back, a browser gives what it kept of an address, were it another page's."""
    answer = client.get("/_dash-layout", headers={"Referer": "http://localhost/fr/carte"})
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "referer", ["", "http://localhost/", "http://localhost/elsewhere", "http:", "http://["]
)
def test_a_frame_of_no_page_is_filled_later(client, referer):
    location, shell = framed(client, referer)
    assert "pathname" not in location
    assert not shell.get("children")


@pytest.mark.parametrize(
    ("path", "target"),
    [("/", "/fr/carte"), ("/fr", "/fr/carte"), ("/en", "/en/map"), ("/en/", "/en/map")],
)
def test_home_leads_to_the_map(client, path, target):
    answer = client.get(path)
    assert (answer.status_code, answer.headers["Location"]) == (302, target)


@pytest.mark.parametrize(
    ("path", "language", "title"),
    [
        ("/fr/carte", "fr", "Couverture brute, Intercommunalités (EPCI), 2020 – Vigie"),
        ("/en/map?indicator=care_rate", "en", "Children in care, Départements, 2020 – Vigie"),
    ],
)
def test_the_first_answer_speaks_the_language_and_bears_the_title(client, path, language, title):
    text = client.get(path).get_data(as_text=True)
    assert f'<html lang="{language}">' in text
    assert f"<title>{title}</title>" in text
    assert "https://" not in re.sub(r"<script.*?</script>", "", text, flags=re.DOTALL)


def test_a_path_that_is_no_page_is_not_found(client):
    assert client.get("/fr/map").status_code == 404
    assert client.get("/en/nothing").status_code == 404


def test_the_map_page_is_drawn_with_its_figures(client):
    text = opened(client, "/fr/carte")
    assert "Places d’accueil pour 100 enfants de moins de 3 ans" in text
    assert "4\u202f721 places pour 5\u202f910 enfants" in text
    assert "79,9" in text
    assert "Puy-de-Dôme" in text


def test_what_was_not_understood_is_said_and_not_obeyed(client):
    text = opened(client, "/en/map", "?indicator=%3Cscript%3E&period=1900")
    assert "The indicator “<script>” is not offered" in text
    assert "The period “1900” does not exist" in text
    text = opened(client, "/fr/ecarts", "?sort=-supply&standard=none")
    assert "« Besoin non couvert, du plus grand au plus petit » est appliqué" in text
    assert "« Moyenne de la France en 2020 » est affichée" in text


@pytest.mark.parametrize("tampered", [{"pathname": 7}, {"search": ["?"]}])
def test_an_address_that_is_no_text_is_refused(client, tampered):
    given = {"pathname": "/fr/carte", "search": ""} | tampered
    question = {
        "output": "shell.children",
        "outputs": {"id": "shell", "property": "children"},
        "inputs": [{"id": "location", "property": "pathname", "value": given["pathname"]}],
        "state": [{"id": "location", "property": "search", "value": given["search"]}],
        "changedPropIds": ["location.pathname"],
    }
    assert client.post("/_dash-update-component", json=question).status_code == 400


@pytest.mark.parametrize(
    ("address", "said"),
    [
        (
            "care_judicial_share",
            "640 enfants placés sur décision du juge, sur 734 enfants accueillis",
        ),
        ("protection_measure_rate", "mesures (accueils et actions éducatives) pour "),
    ],
)
def test_a_value_says_what_it_counts(client, address, said):
    assert said in opened(client, "/fr/carte", f"?indicator={address}")


def test_the_panel_says_who_lives_there_and_when_its_sources_were_read(client):
    text = opened(client, "/fr/carte", "?level=epci&area=200073419&indicator=childcare_gap")
    assert re.search("Population légale 2023 : [0-9]+\u202f[0-9]{3} habitants \\(INSEE\\)", text)
    assert "INSEE, état civil, 2008-2023, consulté le 22 novembre 2026" in text
    assert "trajets d’au plus 15 minutes, distance à vol d’oiseau × 1,4 à 50 km/h" in text
    assert "pas de valeur, le moteur ne calcule que le territoire" in text
    assert "Population légale" not in opened(client, "/fr/donnees")


def test_the_trend_is_told_to_who_cannot_see_it(client):
    text = opened(client, "/fr/carte", "?indicator=care_rate&level=departement&area=36")
    assert re.search('"label": "De [^"]+ \\(2002\\) à [^"]+ \\(2020\\)', text)
    assert "valeurs estimées." not in text


def test_the_files_of_a_trend_say_what_its_hollow_points_are(client):
    text = opened(client, "/fr/carte", "?indicator=birth_rate&level=departement&area=43")
    (notes,) = re.findall('"leaving": {"title": "[^"]+", "notes": \\["([^"]+)"', text)
    assert notes.endswith("Points creux : valeurs estimées.")


def test_a_break_of_the_series_is_told_and_no_change_is_computed_across_it(client):
    address = "?indicator=rsa_share&level=commune&area=43157&period=2023"
    text = opened(client, "/fr/carte", address)
    why = "Rupture de série en 2022 : La CNAF arrondit à 5 les nombres des communes"
    assert re.search(f'"label": "De [^"]+ \\(2022\\) à [^"]+ \\(2023\\)[^"]*{why}', text)
    # Beside the drawing, in its place, in the table, and on the file of the drawing.
    assert text.count(why) == 4
    whole = opened(
        client, "/fr/carte", address.replace("commune&area=43157", "departement&area=43")
    )
    assert "Rupture de série en 2022" not in whole
    assert re.search('"label": "De [^"]+ \\(2017\\) à [^"]+ \\(2023\\)', whole)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/fr/ecarts", "11 EPCI sur 11 ont au moins une commune en manque ; 1 est en manque net."),
        ("/en/gaps", "11 EPCI out of 11 have at least one commune short of places; 1 is short on"),
    ],
)
def test_sums_of_communes_say_so(client, path, said):
    assert said in opened(client, path)
    finest = opened(client, path, "?level=commune")
    assert ("communes sur 257." in finest) or ("municipalities out of 257." in finest)


def test_an_area_that_is_compared_has_its_panel_and_a_neighbouring_commune_has_none(client):
    text = opened(client, "/fr/carte", "?indicator=care_rate&level=departement&area=36")
    assert "n’est pas un territoire" not in text
    for said in ("Indre", "Rang ", "Haute-Loire", "France", "Évolution"):
        assert said in text
    text = opened(client, "/fr/carte", "?level=commune&area=42218")
    assert "« 42218 » n’est pas un territoire de ce niveau" in text


def test_a_house_without_a_release_says_how_to_mend(tmp_path, settings_of):
    client = create_app(settings_of(tmp_path)).server.test_client()
    assert client.get("/fr/carte").status_code == 200
    text = opened(client, "/fr/carte")
    assert "Aucune donnée n’est encore publiée" in text
    assert "vigie refresh" in text


def test_tiles_are_for_ever_and_absent_ones_are_empty(client, release):
    answer = client.get(f"/geo/{release.release_id}/7/65/45.pbf")
    assert answer.status_code == 200
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.data[:2] == b"\x1f\x8b"
    assert "immutable" in answer.headers["Cache-Control"]
    assert client.get(f"/geo/{release.release_id}/7/0/0.pbf").status_code == 204
    assert client.get("/geo/000000-none/7/65/45.pbf").status_code == 404


def test_values_are_for_ever_and_only_what_is_offered(client, release):
    url = f"/values/{release.release_id}/childcare_raw_coverage/epci/2020.bin"
    answer = client.get(url)
    assert len(answer.data) == 6 * 11  # a value, a status and the flags of each
    assert "immutable" in answer.headers["Cache-Control"]
    again = client.get(url, headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    for other in ("childcare_raw_coverage/epci/1999", "nothing/epci/2020", "care_rate/epci/2020"):
        assert client.get(f"/values/{release.release_id}/{other}.bin").status_code == 404
    assert client.get(url.replace(release.release_id, "none")).status_code == 404


def test_only_the_three_vendor_files_are_served(client):
    for name, kind in (("maplibre-gl.css", "text/css"), ("plotly.min.js", "text/javascript")):
        found = client.get(f"/vendor/{name}", headers={"Accept-Encoding": "gzip"})
        assert found.status_code == 200
        assert found.mimetype == kind
        assert "immutable" in found.headers["Cache-Control"]
        assert found.headers["Content-Encoding"] == "gzip"
    assert client.get("/vendor/../app.py").status_code == 404
    assert client.get("/vendor/__init__.py").status_code == 404


# --- words ---


def test_both_languages_say_the_same_things():
    french, english = (texts(language) for language in LANGUAGES)
    assert french.keys() == english.keys()
    for key, text in french.items():
        assert text
        assert english[key]
        assert _parts(text) == _parts(english[key]), key


def _parts(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_text_is_used():
    """By its key in the code, or by the literal beginning of an f-string."""
    sources = "\n".join(p.read_text("utf-8") for p in Path(dashboard.__path__[0]).rglob("*.py"))
    quoted = set(re.findall(r"""["']([a-z_]+\.[A-Za-z_0-9]+)["']""", sources))
    begun = re.findall(r"""f["']([a-z_]+\.[a-z_]*)\{""", sources)
    # Asked for by geodata.methods.broken_links, which knows no text.
    verdicts = ("broken", "holds", "unknown", "absent", "saturated")
    quoted |= {f"care_chain.{verdict}" for verdict in verdicts}
    unused = [key for key in texts("fr") if key not in quoted and not key.startswith(tuple(begun))]
    assert not unused


@pytest.mark.parametrize(
    ("language", "value", "decimals", "text"),
    [
        ("fr", 1234567.891, 1, "1\u202f234\u202f567,9"),
        ("en", 1234567.891, 1, "1,234,567.9"),
        ("fr", -0.04, 1, "0,0"),
        ("fr", -3.25, 0, "\u22123"),
    ],
)
def test_numbers(language, value, decimals, text):
    assert Words(language).number(value, decimals) == text


def test_silences_differ_from_each_other_and_from_zero():
    for language in LANGUAGES:
        words = Words(language)
        silences = ("suppressed", "missing", "not_applicable")
        said = {words.value(float("nan"), status, 1) for status in silences}
        assert len(said) == 3
        assert words.value(0.0, "observed", 1) not in said


def test_a_period_says_what_it_is():
    french = Words("fr")
    assert french.period(PeriodKind.ON_31_DECEMBER, "2020") == "au 31 décembre 2020"
    assert french.period(PeriodKind.SCHOOL_YEAR, "2022") == "année scolaire 2022-2023"
    assert french.period(PeriodKind.CENSUS_VINTAGE, "2022") == "recensement 2022"
    assert Words("en").period(PeriodKind.YEAR, "2021") == "year 2021"


def test_days_and_signs():
    assert Words("fr").day("2026-11-22T02:18:00Z") == "22 novembre 2026"
    assert Words("fr").day("unknown") == "unknown"
    assert Words("en").signed(2.04, 1) == "+2.0"
    assert Words("en").signed(0.01, 1) == "0.0"
    assert Words("en").of(Text(fr="a", en="b")) == "b"


def test_every_page_has_an_address_in_each_language():
    assert {(language, page.id) for language in LANGUAGES for page in PAGES} <= set(PATHS)


# --- vigie serve ---


def test_serve_refuses_an_address_others_could_reach(monkeypatch):
    monkeypatch.setenv("VIGIE_HOST", "0.0.0.0")
    with pytest.raises(SettingError, match="no accounts yet"):
        serve(None)


def test_serve_says_that_the_port_is_taken(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setenv("VIGIE_PORT", str(taken.getsockname()[1]))
        with pytest.raises(SettingError, match="VIGIE_PORT"):
            serve(None)


def test_serve_prints_its_address_answers_and_stops_at_once(release_data, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    environment = os.environ | {"VIGIE_PORT": port, "VIGIE_DATA": str(release_data)}
    environment["TMPDIR"] = str(tmp_path)
    vigie = [sys.executable, "-m", "geodata.command", "serve"]
    with subprocess.Popen(vigie, env=environment, stdout=subprocess.PIPE, text=True) as process:
        address = process.stdout.readline().removeprefix("Vigie: ").strip()
        assert address == f"http://127.0.0.1:{port}"
        with urlopen(f"{address}/fr/carte", timeout=60) as answer:
            assert answer.status == 200
        (folder,) = tmp_path.glob("vigie-answers-*")
        assert folder.stat().st_mode & 0o777 == 0o700
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=15) == 0
        assert not folder.exists()
