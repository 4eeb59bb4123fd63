"""The house keeps its rules: what stands at the top, what no file may name."""

from __future__ import annotations

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
