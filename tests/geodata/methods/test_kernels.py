"""Kernels: the curves they draw, and where what is compiled is kept."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from geodata.methods import banded, kernels

HERE = Path(kernels.__file__)


@kernels.kernel
def curves(values: np.ndarray, exponentials: np.ndarray, logarithms: np.ndarray) -> None:
    """Write the exponentials of the values, and the logarithms of their sizes plus one."""
    for i in range(len(values)):
        exponentials[i] = kernels.exponential(values[i])
        logarithms[i] = kernels.logarithm(abs(values[i]) + 1.0)


def test_exponential_and_logarithm_are_exact_to_a_few_bits() -> None:
    """From e-304 to e304, around 0 and at the powers of two, against numpy."""
    random = np.random.default_rng(1)
    near = [10.0**-k for k in range(20)]
    values = np.concatenate(
        (random.uniform(-699, 699, 20_000), random.normal(0, 1, 20_000), near, [0.0, -0.0])
    )
    values = np.concatenate((values, 2.0 ** np.arange(9), 2.0 ** np.arange(9) - 1, [699, -699]))
    exponentials, logarithms = np.empty_like(values), np.empty_like(values)
    curves(values, exponentials, logarithms)
    np.testing.assert_allclose(exponentials, np.exp(values), rtol=1e-15)
    np.testing.assert_allclose(logarithms, np.log(np.abs(values) + 1), rtol=1e-15)


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A folder with the kernels alone, as if installed there."""
    methods = tmp_path / "installed" / "geodata" / "methods"
    methods.mkdir(parents=True)
    for name in ("__init__.py", "amounts.py", "kernels.py"):
        shutil.copy(HERE.with_name(name), methods / name)
    shutil.copy(HERE.parents[1] / "__init__.py", methods.parent / "__init__.py")
    return tmp_path


def cache_folder(installed: Path, home: Path, **variables: str) -> str:
    """Where a new process, with such a home, keeps compiled code; "None" for nowhere."""
    known = ("NUMBA_CACHE_DIR", "XDG_CACHE_HOME", "HOME", "PYTHONPATH")
    environment = {name: value for name, value in os.environ.items() if name not in known}
    environment |= {"HOME": str(home), "PYTHONPATH": str(installed), **variables}
    told = "from geodata.methods import kernels; print(kernels.sort.stats.cache_path)"
    command = [sys.executable, "-W", "error", "-c", told]
    done = subprocess.run(
        command, env=environment, cwd=home.parent, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_compiled_code_is_kept_where_it_can_be(copied: Path) -> None:
    """Beside the file; where one says; in the user's cache; else nowhere, and it still works.

    A regular file in the place of a folder keeps even the superuser from writing there.
    """
    installed, home = copied / "installed", copied / "home"
    home.mkdir()
    beside = installed / "geodata" / "methods" / "__pycache__"
    assert cache_folder(installed, home) == str(beside)
    told = copied / "told"
    assert cache_folder(installed, home, NUMBA_CACHE_DIR=str(told)).startswith(str(told))
    shutil.rmtree(beside)
    beside.write_text("")
    assert cache_folder(installed, home).startswith(str(home / ".cache"))
    shutil.rmtree(home)
    home.write_text("")
    assert cache_folder(installed, home) == "None"


def test_a_second_process_compiles_nothing() -> None:
    """What this process has compiled, the next one loads."""
    banded.warm()
    told = (
        "from geodata.methods import banded, kernels; banded.warm(); "
        "made = (kernels.sort, kernels.gather, kernels.scatter, kernels.find_nearest); "
        "print([(len(k.stats.cache_hits), len(k.stats.cache_misses)) for k in made])"
    )
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[(1, 0), (1, 0), (1, 0), (1, 0)]"
