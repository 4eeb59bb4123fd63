"""`vigie area`: what is printed of an area, and what is said when it cannot be."""

import pytest

from geodata.command import main


@pytest.fixture
def vigie(release_data, monkeypatch, capsys):
    """Runs `vigie area` on the release made from the embedded data: status, output, errors."""
    monkeypatch.setenv("VIGIE_DATA", str(release_data))
    monkeypatch.setenv("COLUMNS", "140")

    def run(*arguments):
        status = main(["area", *arguments])
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


def test_it_prints_priority_chain_and_gaps(vigie):
    status, out, _ = vigie("epci", "244301123", "--language", "fr")
    assert status == 0
    assert out.startswith("CC des Pays de Cayres et de Pradelles (EPCI, 244301123)")
    assert "Rang " in out
    assert "neuf tirages sur dix" in out
    assert "Chaîne d’accompagnement" in out
    assert "7. Suite de l’accueil" in out
    line = next(line for line in out.splitlines() if line.startswith("Accueil du jeune enfant"))
    assert "(places)" in line
    assert "2020" in line
    assert "+10,1" in line
    assert line.rstrip().endswith("manque certain")
    assert "Médecins généralistes (– manquant)" in out.replace("\n", " ")


def test_english_is_the_default_and_a_level_without_order_says_why(vigie):
    status, out, _ = vigie("commune", "43157")
    assert status == 0
    assert "No rank at this level. It is computed for:" in out
    assert "Care chain" in out
    assert "certain surplus" in out


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (("epci", "brioude"), "CC Brioude Sud Auvergne (200085728)"),
        (("epci", "24430112"), "(244301123)"),
        (("commune", "le puy en velai"), "Le Puy-en-Velay (43157)"),
    ],
)
def test_an_unknown_code_names_what_looks_like_it(vigie, given, expected):
    status, out, err = vigie(*given)
    assert (status, out) == (1, "")
    assert expected in err
    assert given[1] in err


def test_an_unknown_level_names_the_levels_in_the_language_asked(vigie):
    status, _, err = vigie("communes", "43157", "--language", "fr")
    assert status == 1
    assert "Le niveau « communes » n’existe pas." in err
    assert "canton_or_town" in err


def test_a_neighbour_beyond_the_border_is_not_told_of(vigie):
    status, _, err = vigie("commune", "07001")
    assert status == 1
    assert "is not the code of an area of this level" in err


def test_without_a_release_it_says_what_to_do(vigie, monkeypatch, tmp_path):
    monkeypatch.setenv("VIGIE_DATA", str(tmp_path))
    status, out, _ = vigie("epci", "244301123")
    assert status == 1
    assert out.startswith("No data is published yet.")
    assert "vigie refresh" in out
