"""Settings: declared once as data, read once from the environment."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit


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
        "Folder of newer source files, named by their source's id or as published, in any "
        "subfolder; empty: `incoming` in VIGIE_DATA.",
    ),
    Setting(
        "VIGIE_SETTLE",
        "10",
        "Seconds that an incoming file must have been at rest; a copy under way is waited for.",
    ),
    Setting(
        "VIGIE_DOWNLOADS",
        "yes",
        "yes: a refresh asks the producers' addresses for newer files; no: it stays offline.",
    ),
    Setting(
        "VIGIE_KEY",
        "",
        "Path of the key of the pseudonyms of own records; empty: `keys/pseudonym.key` in "
        "VIGIE_DATA. Keep it apart from the records.",
    ),
    Setting("VIGIE_TERRITORY", "haute_loire", "Territory file of `geodata/catalogue/territories`."),
    Setting(
        "VIGIE_ROADS",
        "",
        "Path of an OpenStreetMap extract (.osm.pbf): trips are then timed on its roads; needs the "
        "extra `roads`.",
    ),
    Setting(
        "VIGIE_ROUTER",
        "",
        "Address of a routing server that times trips: it ends with `/table/v1/driving` (OSRM) or "
        "`/sources_to_targets` (Valhalla).",
    ),
    Setting("VIGIE_HOST", "127.0.0.1", "Address to listen on: loopback only until accounts exist."),
    Setting("VIGIE_PORT", "8050", "Port to listen on."),
    Setting("VIGIE_THREADS", "4", "Threads of each process that answers web requests."),
    Setting(
        "VIGIE_SERVERS",
        "2",
        "Processes that answer web requests; one a processor is best, each takes 300 MB, and up to "
        "256 more for what it remembers of large levels.",
    ),
    Setting(
        "VIGIE_PROCESSES",
        "1",
        "Processes that share the catchment engine's work, tile by tile; the figures are the same.",
    ),
    Setting("VIGIE_KEEP", "12", "How many releases are kept on disk for roll-back."),
    Setting("VIGIE_POLL", "1", "Seconds between two looks of the worker at its queue."),
    Setting(
        "VIGIE_ADDRESS",
        "",
        "Address of the dashboard as people reach it, written in notices; empty: "
        "http://VIGIE_HOST:VIGIE_PORT.",
    ),
    Setting(
        "VIGIE_NOTICE_WEBHOOK",
        "",
        "Address that is told, by a POST of JSON, when a job fails or its publication is "
        "refused or held.",
    ),
    Setting(
        "VIGIE_NOTICE_EMAIL",
        "",
        "E-mail addresses that are told the same, separated by commas; needs VIGIE_SMTP_HOST.",
    ),
    Setting("VIGIE_SMTP_HOST", "", "Mail server that takes the notices."),
    Setting(
        "VIGIE_SMTP_PORT",
        "587",
        "Port of the mail server; 465 is TLS from the start, others STARTTLS when offered.",
    ),
    Setting("VIGIE_SMTP_USER", "", "Account at the mail server; empty: none is needed."),
    Setting(
        "VIGIE_SMTP_PASSWORD_FILE",
        "",
        "Path of the file that holds the password of that account.",
    ),
    Setting(
        "VIGIE_SMTP_SENDER",
        "",
        "Address that notices come from; empty: the first of VIGIE_NOTICE_EMAIL.",
    ),
)


#: What the address of a routing server ends with.
ROUTERS = ("/table/v1/driving", "/sources_to_targets")


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
    servers: int = 1
    settle: int = 0
    downloads: bool = True
    key: Path | None = field(default=None, repr=False)
    poll: int = 1
    address: str = ""
    #: Not shown when settings are printed: such an address often holds its own key.
    webhook: str = field(default="", repr=False)
    notice_email: tuple[str, ...] = ()
    smtp_host: str = ""
    smtp_port: int = 587
    smtp_user: str = ""
    smtp_password_file: Path | None = field(default=None, repr=False)
    smtp_sender: str = ""
    processes: int = 1
    roads: Path | None = None
    #: Not shown either: it may hold a key.
    router: str = field(default="", repr=False)

    @property
    def descriptions(self) -> Path:
        """The folder of the sources that officers described themselves."""
        return self.data / "descriptions"


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
    password = text["VIGIE_SMTP_PASSWORD_FILE"]
    written = [one.strip() for one in text["VIGIE_NOTICE_EMAIL"].split(",")]
    emails = tuple(_email(text, "VIGIE_NOTICE_EMAIL", one) for one in written if one)
    if emails and not text["VIGIE_SMTP_HOST"]:
        raise SettingError("VIGIE_NOTICE_EMAIL needs VIGIE_SMTP_HOST: name the mail server.")
    return Settings(
        data=data,
        incoming=Path(incoming).expanduser().absolute() if incoming else data / "incoming",
        territory=text["VIGIE_TERRITORY"],
        host=text["VIGIE_HOST"],
        port=_whole(text, "VIGIE_PORT", 0, 65535),
        threads=_whole(text, "VIGIE_THREADS", 1, 64),
        keep=_whole(text, "VIGIE_KEEP", 1, 1000),
        servers=_whole(text, "VIGIE_SERVERS", 1, 64),
        key=Path(text["VIGIE_KEY"]).expanduser().absolute() if text["VIGIE_KEY"] else None,
        settle=_whole(text, "VIGIE_SETTLE", 0, 600),
        downloads=_yes_or_no(text, "VIGIE_DOWNLOADS"),
        poll=_whole(text, "VIGIE_POLL", 1, 3600),
        address=_web_address(text, "VIGIE_ADDRESS").rstrip("/")
        or f"http://{text['VIGIE_HOST']}:{text['VIGIE_PORT']}",
        webhook=_web_address(text, "VIGIE_NOTICE_WEBHOOK"),
        notice_email=emails,
        smtp_host=text["VIGIE_SMTP_HOST"],
        smtp_port=_whole(text, "VIGIE_SMTP_PORT", 1, 65535),
        smtp_user=text["VIGIE_SMTP_USER"],
        smtp_password_file=Path(password).expanduser().absolute() if password else None,
        processes=_whole(text, "VIGIE_PROCESSES", 1, 256),
        roads=Path(text["VIGIE_ROADS"]).expanduser().absolute() if text["VIGIE_ROADS"] else None,
        router=_router(text),
        smtp_sender=_email(text, "VIGIE_SMTP_SENDER", text["VIGIE_SMTP_SENDER"])
        or next(iter(emails), ""),
    )


def _whole(text: Mapping[str, str], name: str, lowest: int, highest: int) -> int:
    value = text[name]
    if not value.isascii() or not value.isdigit() or not lowest <= int(value) <= highest:
        raise SettingError(
            f"{name}={value!r}: write a whole number between {lowest} and {highest}."
        )
    return int(value)


def _yes_or_no(text: Mapping[str, str], name: str) -> bool:
    if text[name] not in ("yes", "no"):
        raise SettingError(f"{name}={text[name]!r}: write yes or no.")
    return text[name] == "yes"


def _web_address(text: Mapping[str, str], name: str) -> str:
    """A web address, or nothing. Its value is not repeated in the error: it may hold a key."""
    value = text[name]
    try:
        parts = urlsplit(value)
        is_usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_usable = False
    if value and (not is_usable or not value.isprintable() or " " in value):
        raise SettingError(f"{name}: write an address that begins with http:// or https://.")
    return value


def _router(text: Mapping[str, str]) -> str:
    """The address of a routing server, or nothing; its end says which kind of server it is."""
    address = _web_address(text, "VIGIE_ROUTER")
    path = urlsplit(address).path.rstrip("/")
    if address and not path.endswith(ROUTERS):
        raise SettingError(f"VIGIE_ROUTER: write an address that ends with {' or '.join(ROUTERS)}.")
    if address and text["VIGIE_ROADS"]:
        raise SettingError("VIGIE_ROADS and VIGIE_ROUTER are both set: keep one.")
    return address


def _email(text: Mapping[str, str], name: str, value: str) -> str:
    """An e-mail address, or nothing."""
    if value and not re.fullmatch(r"[^@\s,<>\"]+@[^@\s,<>\"]+", value):
        raise SettingError(f"{name}={text[name]!r}: write addresses like name@example.org.")
    return value
