"""Third-party scripts served from installed packages, so that none is kept in the project."""

from __future__ import annotations

from importlib import resources
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

#: Addresses the app serves; the version in them lets browsers keep the files for ever.
_PREFIX = "/vendor/maplibre-gl"


class VendorError(RuntimeError):
    """An installed package does not carry the file we serve; the message says what to install."""


def maplibre_url(suffix: str) -> str:
    """Address of MapLibre GL's file: `suffix` is ".js" or ".css"."""
    return f"{_PREFIX}{suffix}?v={version('maplibre')}"


def plotly_url() -> str:
    """Address of plotly's script."""
    return f"/vendor/plotly.min.js?v={version('plotly')}"


def vendor_files() -> dict[str, Path]:
    """Files to serve under `/vendor/`, by name: `maplibre-gl.js`, `.css`, and `plotly.min.js`.

    The first two lie in the `maplibre` wheel, which is found and not imported: importing it warns
    about packages that we do not use. Raises VendorError when it is not installed as expected.
    """
    spec = find_spec("maplibre")
    if spec is None or spec.origin is None:
        raise VendorError("MapLibre GL is missing: install the `maplibre` wheel of the lock.")
    folder = Path(spec.origin).parent / "srcjs"
    files = {name: folder / name for name in ("maplibre-gl.js", "maplibre-gl.css")}
    files["plotly.min.js"] = Path(str(resources.files("plotly"))) / "package_data/plotly.min.js"
    for path in files.values():
        if not path.is_file():
            raise VendorError(f"{path} is missing: install its package at the lock's version.")
    return files
