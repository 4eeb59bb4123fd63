"""Saved views: found by their code, withdrawn by a person, and their releases are kept."""

import pytest

from geodata import state, views
from geodata.jobs import JobError
from geodata.queries import views as queries

VIEW = {
    "language": "fr",
    "page": "gaps",
    "query": "level=epci&only=shortage",
    "release_id": "000001-a",
    "saved_by": "Odile",
}


@pytest.fixture
def engine(tmp_path):
    made = state.state_engine(tmp_path)
    yield made
    made.dispose()


def test_a_view_is_found_by_its_code_until_it_is_withdrawn(engine):
    code = views.save_view(engine, "haute_loire", title=" Pour le\ncomité ", **VIEW)
    assert len(code) == views.CODE_LENGTH
    assert set(code) <= set(views.ALPHABET)
    found = queries.view(engine, "haute_loire", code)
    assert found is not None
    assert (found["title"], found["query"]) == ("Pour le comité", VIEW["query"])
    assert queries.view(engine, "belgium", code) is None
    assert queries.views(engine, "haute_loire")["code"].tolist() == [code]
    assert not views.withdraw_view(engine, "belgium", code, "Paul")
    assert views.withdraw_view(engine, "haute_loire", code, "Paul")
    assert queries.view(engine, "haute_loire", code) is None
    assert queries.views(engine, "haute_loire").empty


def test_the_releases_of_views_are_kept_the_last_pinned_first(engine):
    for release_id in ("000001-a", "000002-b", "000002-b", "000003-c"):
        views.save_view(engine, "haute_loire", title="t", **{**VIEW, "release_id": release_id})
    assert queries.pinned_releases(engine, 9) == {"000001-a", "000002-b", "000003-c"}
    assert queries.pinned_releases(engine, 1) == {"000003-c"}
    for code in queries.views(engine, "haute_loire")["code"]:
        views.withdraw_view(engine, "haute_loire", code, "Paul")
    assert queries.pinned_releases(engine, 9) == frozenset()


@pytest.mark.parametrize("title", ["", "  ", "x" * 121])
def test_a_view_has_a_title(engine, title):
    with pytest.raises(JobError, match="120 characters"):
        views.save_view(engine, "haute_loire", title=title, **VIEW)


def test_no_two_codes_are_alike(engine):
    codes = {views.save_view(engine, "haute_loire", title="t", **VIEW) for _ in range(30)}
    assert len(codes) == 30
