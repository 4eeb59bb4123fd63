"""Settings: declared once as data, read once from the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple


class Setting(NamedTuple):
    """One environment variable: its name, its default and what it does."""

    name: str
    default: str
    help: str


SETTINGS: tuple[Setting, ...] = (
    Setting("VIGIE_DATA", ".vigie", "Folder of releases, snapshots and state; made when absent."),
    Setting(
        "VIGIE_INCOMING",
        "",
        "Folder of newer source files, named by their source's id (insee_births.csv); "
        "empty: `incoming` in VIGIE_DATA.",
    ),
    Setting("VIGIE_TERRITORY", "haute_loire", "Territory file of `geodata/catalogue/territories`."),
    Setting("VIGIE_HOST", "127.0.0.1", "Address to listen on: loopback only until accounts exist."),
    Setting("VIGIE_PORT", "8050", "Port to listen on."),
    Setting("VIGIE_THREADS", "4", "Threads that answer web requests."),
    Setting("VIGIE_KEEP", "5", "How many releases are kept on disk for roll-back."),
)


class SettingError(ValueError):
    """A setting has a value that cannot be used; the message names it and the mend."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one process, typed."""

    data: Path
    incoming: Path
    territory: str
    host: str
    port: int
    threads: int
    keep: int


def settings(environ: Mapping[str, str] | None = None) -> Settings:
    """The settings read from ``environ`` (default: the process environment).

    Raises
    ------
    SettingError
        When a value cannot be used.
    """
    source = os.environ if environ is None else environ
    text = {s.name: source.get(s.name, "").strip() or s.default for s in SETTINGS}
    data = Path(text["VIGIE_DATA"]).expanduser().absolute()
    incoming = text["VIGIE_INCOMING"]
    return Settings(
        data=data,
        incoming=Path(incoming).expanduser().absolute() if incoming else data / "incoming",
        territory=text["VIGIE_TERRITORY"],
        host=text["VIGIE_HOST"],
        port=_whole(text, "VIGIE_PORT", 0, 65535),
        threads=_whole(text, "VIGIE_THREADS", 1, 64),
        keep=_whole(text, "VIGIE_KEEP", 1, 1000),
    )


def _whole(text: Mapping[str, str], name: str, lowest: int, highest: int) -> int:
    value = text[name]
    if not value.isascii() or not value.isdigit() or not lowest <= int(value) <= highest:
        raise SettingError(
            f"{name}={value!r}: write a whole number between {lowest} and {highest}."
        )
    return int(value)
