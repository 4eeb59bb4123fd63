"""Take a source's file from its producer's address: only what is new, whole, and from that host.

A file that was already taken is asked for with its ETag and date (RFC 9110, conditional requests);
a transfer that was cut is resumed where it stopped if the file is still the same (If-Range); what
arrives is counted against what was announced. A redirect to another host is refused: it is a login
page, or somebody else.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from urllib.parse import urljoin, urlsplit

import requests

from etl.source import Ledger, RejectedFile
from geodata.catalogue.nouns import SourceEntry
from geodata.durable import replace_durably

#: Seconds to connect, and between two pieces of a file.
TIMEOUT = (5.0, 30.0)
#: Tries of one file, and seconds before each next one.
WAITS = (0.0, 1.0, 4.0)
MOST_REDIRECTS = 5
_PIECE = 1 << 16
#: Answers of a server that may do better later.
TRY_AGAIN = (408, 425, 429, 500, 502, 503, 504)
#: Answers that name another address.
REDIRECTS = (301, 302, 303, 307, 308)

#: Told the bytes taken so far and those announced (0 when unknown).
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Downloaded:
    """A file as it was taken from its address, kept under its hash."""

    address: str
    file: str
    path: str
    sha256: str
    etag: str
    last_modified: str
    taken_on: str


class UnreachableError(OSError):
    """The address does not answer: what is at hand is used instead."""


def download(
    entry: SourceEntry,
    folder: Path,
    progress: Progress = lambda _taken, _whole: None,
    waits: tuple[float, ...] = WAITS,
) -> Downloaded:
    """The newest file of a source, taken now or still the one at hand.

    ``folder`` keeps the files (``<source>/<sha256><suffix>``), what is known of the last one
    (``<source>.json``) and what has come of a transfer that was cut (``<source>.part``).

    Raises
    ------
    UnreachableError
        When the address does not answer after three tries.
    RejectedFile
        When it answers with another host, an error, a file that is too big, or one that is not
        what the producer's checksum says.
    """
    assert entry.address is not None
    ledger = Ledger(entry.id, _name_of(entry))
    known = _known(folder, entry)
    failure: Exception | None = None
    for wait in waits:
        time.sleep(wait)
        try:
            return _taken(entry, entry.address, folder, known, ledger, progress)
        except (requests.RequestException, _CutError) as error:
            failure = error
    raise UnreachableError(f"{entry.address}: {type(failure).__name__}") from failure


class _CutError(OSError):
    """The transfer stopped before its end, or the server asks to come back later."""


def _taken(
    entry: SourceEntry,
    address: str,
    folder: Path,
    known: Downloaded | None,
    ledger: Ledger,
    progress: Progress,
) -> Downloaded:
    part, begun = folder / f"{entry.id}.part", folder / f"{entry.id}.part.etag"
    headers = {"Accept-Encoding": "identity", "User-Agent": "vigie"}
    size = part.stat().st_size if part.is_file() and begun.is_file() else 0
    if size:
        headers |= {"Range": f"bytes={size}-", "If-Range": begun.read_text("utf-8")}
    elif known is not None:
        headers |= {"If-None-Match": known.etag} if known.etag else {}
        headers |= {"If-Modified-Since": known.last_modified} if known.last_modified else {}
    with closing(_answer(address, headers, ledger)) as answer:
        if answer.status_code == 304 and known is not None:
            return known
        if answer.status_code in TRY_AGAIN or answer.status_code == 416:
            part.unlink(missing_ok=True)
            raise _CutError(f"HTTP {answer.status_code}")
        if answer.status_code not in (200, 206):
            raise ledger.reject(
                "http_error",
                f"le producteur répond HTTP {answer.status_code}",
                f"the producer answers HTTP {answer.status_code}",
                mend_fr="Vérifier l’adresse de la source, ou déposer le fichier.",
                mend_en="Check the source's address, or bring the file.",
            )
        folder.mkdir(parents=True, exist_ok=True)
        etag = answer.headers.get("ETag", "")
        if answer.status_code == 200:
            size = 0
            strong = etag if not etag.startswith("W/") else ""
            begun.write_text(strong, "utf-8") if strong else begun.unlink(missing_ok=True)
        whole = size + int(answer.headers.get("Content-Length") or 0)
        with part.open("ab" if size else "wb") as handle:
            for piece in _pieces(answer):
                size += len(piece)
                if size > entry.largest_bytes:
                    raise _too_big(entry, ledger, part)
                handle.write(piece)
                progress(size, whole)
        if answer.headers.get("Content-Length") and size != whole:
            raise _CutError(f"{size} bytes of {whole}")
        last_modified = answer.headers.get("Last-Modified", "")
    _check_sum(entry, part, ledger)
    begun.unlink(missing_ok=True)
    return _kept(entry, address, folder, part, etag, last_modified)


def _answer(address: str, headers: dict[str, str], ledger: Ledger) -> requests.Response:
    """The answer of the address, through redirects on its own host only."""
    for _ in range(MOST_REDIRECTS):
        answer = requests.get(
            address, headers=headers, stream=True, timeout=TIMEOUT, allow_redirects=False
        )
        if answer.status_code not in REDIRECTS:
            return answer
        answer.close()
        leads = urljoin(address, answer.headers.get("Location", ""))
        if is_elsewhere(address, leads):
            raise ledger.reject(
                "redirected",
                f"l’adresse renvoie vers {urlsplit(leads).hostname} : refusé",
                f"the address leads to {urlsplit(leads).hostname}: refused",
                mend_fr="Écrire l’adresse finale dans sources.toml si elle est du producteur.",
                mend_en="Write the final address in sources.toml if it is the producer's.",
            )
        address = leads
    raise ledger.reject(
        "redirected",
        "l’adresse renvoie sans fin d’une page à l’autre",
        "the address leads endlessly from page to page",
        mend_fr="Vérifier l’adresse de la source.",
        mend_en="Check the source's address.",
    )


def is_elsewhere(address: str, leads: str) -> bool:
    """Whether a redirect leads to another host, or to the same one in clear."""
    before, after = urlsplit(address), urlsplit(leads)
    is_weaker = before.scheme == "https" and after.scheme != "https"
    return after.hostname != before.hostname or is_weaker


def _pieces(answer: requests.Response) -> Iterator[bytes]:
    try:
        yield from answer.iter_content(_PIECE)
    except (requests.exceptions.ChunkedEncodingError, requests.ConnectionError) as error:
        raise _CutError("connection cut") from error


def _check_sum(entry: SourceEntry, part: Path, ledger: Ledger) -> None:
    """Compare with the producer's own checksum, where it publishes one beside the file."""
    address = entry.options.get("checksum_address")
    if address is None:
        return
    with closing(_answer(str(address), {"User-Agent": "vigie"}, ledger)) as answer:
        words = answer.text.split()
    found = _sha256(part)
    if answer.status_code != 200 or not words or words[0].lower() != found:
        part.unlink()
        raise ledger.reject(
            "checksum",
            "le fichier n’est pas celui que dit l’empreinte du producteur",
            "the file is not the one that the producer's checksum says",
            mend_fr="Le télécharger à nouveau plus tard.",
            mend_en="Download it again later.",
        )


def _too_big(entry: SourceEntry, ledger: Ledger, part: Path) -> RejectedFile:
    part.unlink(missing_ok=True)
    largest = f"{entry.largest_bytes / 1e6:.0f}"
    return ledger.reject(
        "too_big",
        f"le fichier dépasse les {largest} Mo attendus",
        f"the file is over the {largest} MB expected",
        mend_fr="Vérifier l’adresse de la source.",
        mend_en="Check the source's address.",
    )


def _kept(
    entry: SourceEntry, address: str, folder: Path, part: Path, etag: str, last_modified: str
) -> Downloaded:
    sha256 = _sha256(part)
    file = _name_of(entry)
    target = folder / entry.id / f"{sha256}{PurePosixPath(file).suffix}"
    target.parent.mkdir(exist_ok=True)
    os.replace(part, target)
    today = datetime.now(UTC).date().isoformat()
    made = Downloaded(address, file, str(target), sha256, etag, last_modified, today)
    replace_durably(folder / f"{entry.id}.json", json.dumps(asdict(made), indent=1).encode())
    return made


def _known(folder: Path, entry: SourceEntry) -> Downloaded | None:
    """What was taken last from this address, if it is still at hand and whole."""
    try:
        known = Downloaded(**json.loads((folder / f"{entry.id}.json").read_text("utf-8")))
        is_same = known.address and Path(known.path).is_file()
        return known if is_same and _sha256(Path(known.path)) == known.sha256 else None
    except (OSError, ValueError, TypeError):
        return None


def _name_of(entry: SourceEntry) -> str:
    """The name the file goes by: as published, else its source's id."""
    return entry.published_as[0] if entry.published_as else f"{entry.id}{entry.suffix}"


def _sha256(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
