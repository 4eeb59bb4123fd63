"""What is withheld of the authority's own records leaves in nothing: file, paper, page, interface.

The release is one of a whole invented caseload, protected as a real one is. First it is looked
into: nothing is there that should not be. Then a number is put behind every withheld figure of
it, as a fault upstream would, and looked for in all that leaves.
"""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from flask.testing import FlaskClient

from dashboard.app import create_app
from dashboard.exports.naming import TABLES
from geodata.release import current_release
from geodata.settings import Settings
from tests.dashboard.exports.test_protected import DIGITS, SECRET, texts

#: Columns of numbers of the table of figures.
NUMBERS = (
    *("value", "numerator", "denominator", "low", "high"),
    *("smoothed", "smoothed_low", "smoothed_high"),
)
BASE = "http://127.0.0.1:8050"
PAGES = {"map": "/fr/carte", "compare": "/fr/comparer", "profile": "/fr/profil"}


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder: a release with an invented caseload, taken in as an authority does."""
    data = tmp_path_factory.mktemp("own")
    environ = os.environ | {
        "VIGIE_DATA": str(data),
        "VIGIE_TERRITORY": "haute_loire",
        "VIGIE_DOWNLOADS": "no",
    }
    for arguments in (("records", "invent", "--out", str(data / "incoming")), ("refresh",)):
        _vigie(environ, *arguments)
    return data


@pytest.fixture(scope="module")
def withheld(own: Path) -> pd.DataFrame:
    """The withheld figures of the caseload: indicator, level, period, area_id, numbers."""
    found = _asked(own, "SELECT * FROM observation WHERE status = 'suppressed'")
    is_offered = found["level"].isin(["arrondissement", "canton_or_town", "epci"])
    return found[found["indicator"].str.startswith("own_") & is_offered]


@pytest.fixture(scope="module")
def leaking(own: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same release with a number behind every withheld figure."""
    data = tmp_path_factory.mktemp("leaking") / "data"
    shutil.copytree(own, data, ignore=shutil.ignore_patterns("records", "keys"))
    release = current_release(data)
    assert release is not None
    told = ", ".join(f"{name} = {SECRET}" for name in NUMBERS)
    with duckdb.connect(str(release.database)) as connection:
        connection.execute(f"UPDATE observation SET {told} WHERE status = 'suppressed'")
        connection.execute(f"UPDATE figure SET value = {SECRET} WHERE status = 'suppressed'")
    return data


@pytest.fixture(scope="module")
def client(leaking: Path, settings_of: Callable[[Path], Settings]) -> FlaskClient:
    """Asks an app that shows that release."""
    return create_app(settings_of(leaking)).server.test_client()


def test_nothing_is_behind_a_withheld_figure(own: Path, withheld: pd.DataFrame) -> None:
    assert len(withheld) > 500
    assert withheld["indicator"].nunique() > 10
    # A count may be told where its share is not: then what it is a share of is not told either.
    counts = ["numerator", "denominator"]
    assert withheld[[name for name in NUMBERS if name not in counts]].isna().all(axis=None)
    assert withheld[counts].isna().any(axis="columns").all()
    assert (withheld["numerator"].dropna() >= 5).all()
    figures = _asked(own, "SELECT value FROM figure WHERE status = 'suppressed'")
    assert len(figures) > 500
    assert figures["value"].isna().all()


def test_no_person_is_in_the_release(own: Path) -> None:
    """No identifier of an extract, nor what stands for it, is in any column of any table."""
    persons = set()
    for path in (own / "incoming").glob("*.csv"):
        extract = pd.read_csv(path, sep=None, engine="python", dtype="str")
        named = [name for name in extract if name.endswith(("_id", "identifier"))]
        assert named, path
        persons |= set(extract[named].stack().dropna())
    persons = {text for text in persons if len(text) > 5 and not text.isdigit()}
    assert len(persons) > 1000
    release = current_release(own)
    assert release is not None
    with duckdb.connect(str(release.database), read_only=True) as connection:
        columns = connection.execute(
            "SELECT table_name, column_name FROM duckdb_columns()"
            " WHERE data_type = 'VARCHAR' AND NOT internal"
        ).fetchall()
        assert len(columns) > 50
        for table, column in columns:
            rows = connection.execute(f'SELECT DISTINCT "{column}" FROM "{table}"').fetchall()
            assert not persons & {text for (text,) in rows}, f"{table}.{column}"


def test_no_table_holds_it_in_any_form(
    client: FlaskClient, withheld: pd.DataFrame, tmp_path: Path
) -> None:
    """Every withheld indicator, level and period as CSV; one of each in every other form."""
    cases = withheld.groupby(["indicator", "level"])["period"].unique()
    assert len(cases) > 20
    for number, ((indicator, level), periods) in enumerate(cases.items()):
        for period in periods:
            query = f"indicator={indicator}&level={level}&period={period}"
            _searched(client, f"{PAGES['map']}.csv?{query}", "csv", tmp_path)
        forms = TABLES["map"].forms
        form = forms[number % len(forms)]
        _searched(client, f"{PAGES['map']}.{form}?{query}", form, tmp_path)
        heat = f"{PAGES['compare']}.csv?{query}&form=heat"
        _searched(client, heat, "csv", tmp_path)
    for level, area_id in withheld[["level", "area_id"]].drop_duplicates().head(12).values:
        where = f"level={level}&area={area_id}"
        _searched(client, f"{PAGES['profile']}.xlsx?{where}", "xlsx", tmp_path)
    for level in withheld["level"].unique():
        _searched(client, f"/fr/carte/level.xlsx?level={level}", "xlsx", tmp_path)


def test_no_map_and_no_page_holds_it(client: FlaskClient, withheld: pd.DataFrame) -> None:
    release_id = client.get("/api/v1/releases", base_url=BASE).get_json()["items"][0]["release"]
    secret = struct.pack("<f", SECRET)
    cases = withheld[["indicator", "level", "period"]].drop_duplicates()
    for indicator, level, period in cases.values:
        values = f"/values/{release_id}/{indicator}/{level}/{period}.bin"
        assert secret not in _got(client, values), values
    for indicator, level in withheld[["indicator", "level"]].drop_duplicates().values:
        query = f"indicator={indicator}&level={level}"
        assert DIGITS not in _plain(_got(client, f"/fr/carte.svg?{query}")), query
        area = withheld.loc[withheld["level"] == level, "area_id"].iloc[0]
        for page in PAGES.values():
            headers = {"Referer": f"{BASE}{page}?{query}&area={area}"}
            drawn = client.get("/_dash-layout", base_url=BASE, headers=headers)
            assert drawn.status_code == 200
            assert len(drawn.data) > 10_000
            assert DIGITS not in _plain(drawn.data), headers


def test_no_view_of_a_meeting_holds_it(client: FlaskClient, withheld: pd.DataFrame) -> None:
    release_id = client.get("/api/v1/releases", base_url=BASE).get_json()["items"][0]["release"]
    for level in withheld["level"].unique():
        for ending in ("", ".html"):
            told = _got(client, f"/fr/reunion{ending}?level={level}&release={release_id}")
            assert len(told) > 5_000
            assert DIGITS not in _plain(told), level


def test_the_interface_does_not_tell_it(client: FlaskClient, withheld: pd.DataFrame) -> None:
    for indicator, level in withheld[["indicator", "level"]].drop_duplicates().values:
        asked = f"/api/v1/observations?indicator={indicator}&level={level}"
        for form in ("json", "csv", "geojson"):
            told = _plain(_got(client, f"{asked}&limit=1000&f={form}"))
            assert "suppressed" in told, asked
            assert DIGITS not in told, asked
    for level in withheld["level"].unique():
        told = _plain(_got(client, f"/api/v1/ogc/collections/{level}/items?limit=1000&f=json"))
        assert DIGITS not in told, level


def test_no_paper_holds_it(leaking: Path, withheld: pd.DataFrame, tool, tmp_path: Path) -> None:
    environ = os.environ | {"VIGIE_DATA": str(leaking), "VIGIE_TERRITORY": "haute_loire"}
    for level in ("epci", "canton_or_town"):
        areas = withheld.loc[withheld["level"] == level, "area_id"].unique()[:4]
        for area in areas:
            path = tmp_path / f"{level}_{area}.pdf"
            report = ("report", "area", "--level", level, "--area", area, "--out", str(path))
            _vigie(environ, *report)
            said = tool("pdftotext", "-layout", str(path), "-")
            assert len(said) > 1000
            assert DIGITS not in _plain(said.encode()), path
            assert DIGITS not in tool("pdfinfo", "-meta", str(path))
    package = tmp_path / "release.zip"
    _vigie(environ, "package", "--out", str(package))
    with zipfile.ZipFile(package) as archive:
        assert len(archive.namelist()) > 5
        for name in archive.namelist():
            assert DIGITS not in _plain(archive.read(name)), name


def _vigie(environ: dict[str, str], *arguments: str) -> None:
    command = [str(Path(sys.executable).with_name("vigie")), *arguments]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


def _asked(data: Path, question: str) -> pd.DataFrame:
    release = current_release(data)
    assert release is not None
    with duckdb.connect(str(release.database), read_only=True) as connection:
        return connection.execute(question).df()


def _got(client: FlaskClient, url: str) -> bytes:
    answer = client.get(url, base_url=BASE, buffered=True)
    assert answer.status_code == 200, url
    return answer.data


def _searched(client: FlaskClient, url: str, form: str, folder: Path) -> None:
    told = texts(_got(client, url), form, folder)
    assert len(told) > 300, url
    assert DIGITS not in _plain(told.encode()), url


def _plain(content: bytes) -> str:
    """Text without what stands between thousands, whatever the language."""
    return content.decode("utf-8", "replace").translate(dict.fromkeys(map(ord, ",. \u00a0\u202f")))
