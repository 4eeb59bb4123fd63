"""The house keeps its rules: what stands at the top, what no file may name."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TOP = {
    "CHANGELOG.md",
    "LICENSE",
    "Makefile",
    "README.md",
    "dashboard",
    "etl",
    "geodata",
    "pyproject.toml",
    "requirements.txt",
    "tests",
}
#: Written in pieces, so that this file does not name what it forbids.
NAMES = ("py" + r"pi\.org", "python" + "hosted", "npm" + r"js\.", r"deb\.deb" + "ian")
HOSTS = re.compile("|".join(NAMES))


#: Words that only the territory files, the sources and the interface's texts may use.
OF_ONE_COUNTRY = re.compile(
    r"commune|epci|d[ée]partement|\binsee|cnaf|drees|arrondissement|canton|lambert|haute.loire"
    r"|EPSG:2154|\bfrance\b|fran[çc]ais|\bCOG\b|finess|siren|siret",
    re.IGNORECASE,
)
KNOW_A_COUNTRY = (
    "dashboard/texts/",
    "etl/sources/",
    "geodata/catalogue/territories/",
    "geodata/embedded/",
    "tests/",
)


@pytest.fixture(scope="module")
def files() -> list[Path]:
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout: the list of files is not known")
    return [Path(name) for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_the_top_of_the_house_is_the_card(files):
    top = {path.parts[0] for path in files}
    assert {name for name in top if not name.startswith(".")} <= TOP


def test_no_file_names_a_registry_host(files):
    for path in files:
        text = (ROOT / path).read_bytes()
        if b"\0" not in text[:4096]:
            assert not HOSTS.search(text.decode("utf-8", "replace")), path


def spoken(path: Path) -> list[str]:
    """What code says and names, docstrings and comments apart; a script whole."""
    text = (ROOT / path).read_text("utf-8")
    if path.suffix == ".js":
        return [text]
    tree = ast.parse(text)
    described = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    bodies = [node.body for node in ast.walk(tree) if isinstance(node, described)]
    docs = {id(body[0].value) for body in bodies if body and isinstance(body[0], ast.Expr)}
    said = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            said.append(node.value)
        said += [str(getattr(node, name)) for name in ("id", "attr", "arg") if hasattr(node, name)]
        if isinstance(node, described[1:]):
            said.append(node.name)
    return said


def test_two_countries_are_only_two_territory_files(files):
    """No other code knows one country; the setting's default alone names a territory file."""
    for path in files:
        if path.suffix not in (".py", ".js") or path.as_posix().startswith(KNOW_A_COUNTRY):
            continue
        words = [w for w in spoken(path) if w != "haute_loire" or path.name != "settings.py"]
        known = [word[:80] for word in words if OF_ONE_COUNTRY.search(word)]
        assert not known, f"{path}: {known}"


def test_the_lock_pins_and_hashes_everything():
    lock = (ROOT / "requirements.txt").read_text("utf-8")
    pinned = re.findall(r"^[a-z0-9][a-z0-9._-]*==\S+.*\n    --hash=sha256:", lock, re.MULTILINE)
    named = re.findall(r"^[a-z0-9]\S*", lock, re.MULTILINE)
    assert len(pinned) == len(named) > 50


def test_the_licence_is_the_one_declared():
    declared = (ROOT / "pyproject.toml").read_text("utf-8")
    assert 'license = "EUPL-1.2"' in declared
    assert "EUROPEAN UNION PUBLIC LICENCE v. 1.2" in (ROOT / "LICENSE").read_text("utf-8")


def test_the_picture_of_the_readme_is_light():
    picture = ROOT / ".readme" / "map.png"
    assert 20_000 < picture.stat().st_size < 300_000
    assert ".readme/map.png" in (ROOT / "README.md").read_text("utf-8")
