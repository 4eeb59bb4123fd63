"""Views, tables and files of the release made from the embedded data, and readers of files."""

from __future__ import annotations

import csv
import io

import pytest

from dashboard.addresses import PATHS
from dashboard.exports.forms import MAKERS, made_file
from dashboard.exports.naming import TABLES
from dashboard.sight import view_at
from geodata.model import Principal

BASE = "http://127.0.0.1:8050/"
#: An address for each table, with figures of every status among them.
ADDRESSES = {
    "map": "indicator=poverty_rate&level=commune",
    "gaps": "level=commune&sort=-gap",
    "priorities": "level=epci",
    "chain": "level=epci",
    "compare": "indicator=rsa_share&level=commune&form=scatter&beside=poverty_rate",
    "profile": "level=epci&area=244301123",
    "level": "level=epci",
}


@pytest.fixture(scope="session")
def addresses():
    """A query for each table, by its name."""
    return ADDRESSES


@pytest.fixture(scope="session")
def view_of(release_data, settings_of):
    """The view of a table's page: ``view_of("map", "fr", "level=epci")``."""

    def made(name, language="fr", query=None, data=release_data):
        settings = settings_of(data)
        who = Principal("director", "director", (settings.territory,))
        query = ADDRESSES[name] if query is None else query
        return view_at(settings, who, PATHS[language, TABLES[name].page], query)

    return made


@pytest.fixture(scope="session")
def table_of(view_of):
    """A table by its name, language and query."""
    return lambda name, *where, **how: MAKERS[name](view_of(name, *where, **how))


@pytest.fixture(scope="session")
def file_of(view_of):
    """The bytes of a table in a form: ``file_of("map", "xlsx", "fr")``."""

    def made(name, form, *where, has_mark=None, **how):
        found = made_file(view_of(name, *where, **how), name, form, BASE, has_mark=has_mark)
        content = found.content
        return content if isinstance(content, bytes) else b"".join(content)

    return made


@pytest.fixture(scope="session")
def csv_rows():
    """The rows of a CSV, heading first, as its language writes it."""

    def read(content, language):
        text = content.decode("utf-8").removeprefix("\ufeff")
        return list(csv.reader(io.StringIO(text), delimiter=";" if language == "fr" else ","))

    return read
