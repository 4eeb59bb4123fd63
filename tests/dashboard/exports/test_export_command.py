"""`vigie export`: the same file as the page's, without a server, and errors that tell the mend."""

import pytest

from geodata.command import main
from geodata.release import current_release


@pytest.fixture
def vigie(release_data, monkeypatch, capsys, tmp_path):
    """Runs `vigie export` in an empty folder: status, output, errors."""
    monkeypatch.setenv("VIGIE_DATA", str(release_data))
    monkeypatch.setenv("VIGIE_PORT", "8050")
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        status = main(["export", *arguments])
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


@pytest.mark.parametrize("form", ["csv", "xlsx", "geojson"])
def test_it_writes_the_file_of_the_page_under_its_name(
    vigie, file_of, release_data, tmp_path, form
):
    query = "indicator=rsa_share&level=epci"
    status, out, err = vigie("--query", query, "--form", form, "--language", "fr")
    release = current_release(release_data).release_id
    name = f"vigie_haute_loire_rsa_share_epci_2023_{release}.{form}"
    assert (status, err) == (0, "")
    assert out.startswith(name)
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_bytes() == file_of("map", form, "fr", query)


def test_names_of_options_say_the_same_as_the_query(vigie, tmp_path):
    vigie("--page", "gaps", "--query", "?level=epci&sort=need&only=shortage", "--out", "one.csv")
    options = ("--level", "epci", "--sort", "need", "--only", "shortage")
    vigie("--page", "gaps", *options, "--out", "two.csv")
    vigie("--page", "gaps", "--query", "level=commune", *options, "--out", "three.csv")
    one, two, three = ((tmp_path / f"{x}.csv").read_bytes() for x in ("one", "two", "three"))
    assert one == two == three


def test_a_folder_a_figure_and_a_mark_may_be_told(vigie, tmp_path):
    (tmp_path / "sent").mkdir()
    status, _, _ = vigie(
        *("--page", "compare", "--figure", "heat", "--level", "epci", "--bom", "--out", "sent")
    )
    (made,) = (tmp_path / "sent").iterdir()
    assert status == 0
    assert "_heat_" in made.name
    assert made.read_bytes().startswith("\ufeff".encode())


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("--indicator", "rsa"), ("--indicator: 'rsa'", "rsa_share")),
        (("--level", "communes"), ("--level: 'communes'", "commune, epci")),
        (("--level", "epci", "--period", "1950"), ("--period: '1950'", "2020")),
        (("--level", "epci", "--area", "24430112"), ("--area: '24430112'", "244301123 (CC des")),
        (("--release", "000000"), ("--release", "is not kept")),
        (("--query", "nonsense"), ("--query", "name=value")),
        (("--query", "indicateur=x"), ("--query: 'indicateur=x'", "indicator, level")),
        (("--page", "gaps", "--only", "all"), ("--only: 'all' is not understood",)),
        (("--page", "compare", "--figure", "pie"), ("--figure: 'pie'", "beeswarm, funnel")),
        (("--page", "profile", "--form", "gpkg"), ("--form gpkg", "csv, xlsx")),
        (("--out", "nowhere/x.csv"), ("--out: nowhere/x.csv", "a folder that exists")),
    ],
)
def test_an_error_names_the_option_and_the_mend(vigie, tmp_path, given, said):
    status, out, err = vigie(*given)
    assert (status, out) == (1, "")
    assert err.startswith("vigie: ")
    for part in said:
        assert part in err
    assert list(tmp_path.iterdir()) == []


def test_errors_are_in_the_language_asked(vigie):
    _, _, err = vigie("--level", "communes", "--language", "fr")
    assert "« communes » n’est pas proposé ici" in err


def test_without_a_release_it_says_what_to_do(vigie, monkeypatch, tmp_path):
    monkeypatch.setenv("VIGIE_DATA", str(tmp_path))
    status, out, _ = vigie()
    assert status == 1
    assert out.startswith("No data is published yet.")
