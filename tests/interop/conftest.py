"""`make interop`: what leaves is opened by tools that are not ours.

A real release, served as `vigie serve` does, on a port of its own. The checks are in
``check_*.py``: the tests of every day (`make test`) do not collect them.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
from requests.adapters import HTTPAdapter, Retry

#: The package of Debian that each tool is in.
TOOLS = {
    "ogrinfo": "gdal-bin",
    "soffice": "libreoffice-calc-nogui",
    "pdftotext": "poppler-utils",
    "pdftoppm": "poppler-utils",
}
Run = Callable[..., str]


@pytest.fixture(scope="session")
def told(release_data: Path) -> dict[str, str]:
    """The environment of our commands: a real release, on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return os.environ | {
        "VIGIE_DATA": str(release_data),
        "VIGIE_TERRITORY": "haute_loire",
        "VIGIE_DOWNLOADS": "no",
        "VIGIE_PORT": str(port),
    }


@pytest.fixture(scope="session")
def vigie(told: dict[str, str]) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs one of our commands."""

    def ran(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "geodata.command", *arguments]
        return subprocess.run(command, env=told, capture_output=True, text=True, timeout=300)

    return ran


@pytest.fixture(scope="session")
def written(
    vigie: Callable[..., subprocess.CompletedProcess[str]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[..., Path]:
    """The file that one of our commands writes with ``--out``."""
    folder = tmp_path_factory.mktemp("written")
    known = vigie("--help").stdout

    def made(name: str, *arguments: str) -> Path:
        if f"    {arguments[0]} " not in known:
            pytest.skip(f"there is no `vigie {arguments[0]}` yet")
        path = folder / name
        done = vigie(*arguments, "--out", str(path))
        assert done.returncode == 0, done.stderr
        assert path.exists()
        return path

    return made


@pytest.fixture(scope="session")
def site(told: dict[str, str]) -> Iterator[str]:
    """The address of a real server."""
    address = f"http://127.0.0.1:{told['VIGIE_PORT']}"
    asking = requests.Session()
    serving = subprocess.Popen([sys.executable, "-m", "geodata.command", "serve"], env=told)
    try:
        again = Retry(60, backoff_factor=0.5, backoff_max=2)
        asking.mount("http://", HTTPAdapter(max_retries=again))
        assert asking.get(f"{address}/api/v1/releases", timeout=60).ok
        yield address
    finally:
        asking.close()
        serving.terminate()
        serving.wait(timeout=90)


@pytest.fixture(scope="session")
def tool(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """What a tool of the system, or of our environment, says; it must end well."""
    folder = tmp_path_factory.mktemp("tools")
    ours = Path(sys.executable).parent

    def ran(name: str, *arguments: str, timeout: float = 120) -> str:
        found = shutil.which(name, path=f"{ours}{os.pathsep}{os.environ['PATH']}")
        assert found, f"{name} is not there: install {TOOLS.get(name, name)} (as root: make tools)"
        done = subprocess.run(
            [found, *arguments],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=timeout,
            env=os.environ | {"HOME": str(folder)},
        )
        assert done.returncode == 0, f"{done.stdout[-6000:]}\n{done.stderr[-2000:]}"
        return done.stdout

    return ran
