"""The quick part of `make torture`'s full disk: one write in the state and one draft."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def test_a_full_disk_refuses_in_plain_words_and_loses_nothing():
    done = subprocess.run(
        [sys.executable, "-m", "tests.torture_disk", "--quick"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.stdout.startswith("Skipped"):
        pytest.skip(done.stdout.strip())
    assert done.returncode == 0, done.stdout + done.stderr
    assert '"a draft: refused": 1' in done.stdout
    assert '"a job: refused": 1' in done.stdout
