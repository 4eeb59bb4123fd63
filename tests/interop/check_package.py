"""The data package: `frictionless validate`, as a folder and as an archive."""

from __future__ import annotations

import json

import pytest


@pytest.mark.parametrize("name", ["package", "package.zip"])
def test_the_package_is_valid(written, tool, name):
    path = written(name, "package")
    target = str(path / "datapackage.json") if path.is_dir() else str(path)
    report = json.loads(tool("frictionless", "validate", target, "--json", timeout=300))
    assert report["valid"], report
    tables = {task["name"] for task in report["tasks"]}
    assert {"areas", "indicators", "observations", "services", "coverage", "gaps"} <= tables
