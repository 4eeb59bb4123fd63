"""`vigie report`: files without a browser; what is not on offer is refused, with what is."""

from __future__ import annotations

import pytest

from geodata.command import main


@pytest.fixture
def house(monkeypatch, release_data):
    monkeypatch.setenv("VIGIE_DATA", str(release_data))
    monkeypatch.setenv("VIGIE_TERRITORY", "haute_loire")


def test_a_gap_report_is_written(house, tmp_path, capsys):
    out = tmp_path / "new" / "report.pdf"
    given = ["report", "gaps", "--service", "childcare", "--standard", "france_2020"]
    assert main([*given, "--level", "epci", "--out", str(out)]) == 0
    assert out.read_bytes().startswith(b"%PDF")
    assert capsys.readouterr().out.strip() == str(out)


def test_what_is_not_on_offer_is_refused_with_what_is(house, tmp_path, capsys):
    out = tmp_path / "report.pdf"
    given = ["report", "gaps", "--standard", "ideal", "--language", "en", "--out", str(out)]
    assert main(given) == 1
    told = capsys.readouterr().err
    assert "ideal" in told
    assert "france_2020, one_per_child" in told
    assert not out.exists()


def test_a_profile_is_written_for_every_area_of_a_level(house, tmp_path, capsys):
    assert main(["report", "areas", "--level", "arrondissement", "--out", str(tmp_path)]) == 0
    files = sorted(tmp_path.iterdir())
    assert len(files) == 3
    assert all(path.read_bytes().startswith(b"%PDF") for path in files)
    assert "3 fichiers" in capsys.readouterr().out


def test_no_release_is_said_in_words(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("VIGIE_DATA", str(tmp_path / "empty"))
    assert main(["report", "area", "--level", "epci", "--out", str(tmp_path / "x.pdf")]) == 1
    assert "vigie:" in capsys.readouterr().err
