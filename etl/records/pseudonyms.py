"""Numbers of persons and cases become keyed hashes; the key lies apart from everything else."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from etl.records.folders import ZoneError, check_private, private_folder

KEY_BYTES = 32
#: 128 bits of HMAC-SHA-256, in hexadecimal.
DIGITS = 32


@dataclass(frozen=True, slots=True)
class Key:
    """The secret of the pseudonyms. ``id`` tells two keys apart and reveals neither."""

    secret: bytes = field(repr=False)

    @property
    def id(self) -> str:
        """Sixteen hexadecimal digits, the same for the same secret."""
        return self._digest("key", "id")[:16]

    def pseudonym(self, domain: str, number: str) -> str:
        """The 32 hexadecimal digits of one number; two domains never share one."""
        return self._digest(domain, number)[:DIGITS]

    def pseudonyms(self, domain: str, numbers: Iterable[str | None]) -> list[str | None]:
        """The pseudonyms of many numbers, in order; a missing one stays missing."""
        return [self.pseudonym(domain, n) if isinstance(n, str) and n else None for n in numbers]

    def _digest(self, domain: str, text: str) -> str:
        message = f"{len(domain)}:{domain}:{text}".encode("utf-8", "surrogatepass")
        return hmac.new(self.secret, message, hashlib.sha256).hexdigest()


def key(path: Path, zone: Path) -> Key:
    """The key kept at ``path``, made when absent (0600 in a folder 0700).

    Raises
    ------
    ZoneError
        When it lies in the zone or in a folder of releases, is not 32 bytes, or others than its
        owner may read it.
    """
    real = path.parent.resolve() / path.name
    for folder in (zone, zone.parent / "releases", zone.parent / "snapshots"):
        if real.is_relative_to(folder.resolve()):
            raise ZoneError(
                "key_beside_records",
                "la clé est rangée avec ce qu’elle protège",
                "the key is kept with what it protects",
                "Donner à VIGIE_KEY un chemin hors du dossier des données.",
                "Give VIGIE_KEY a path outside the data folder.",
            )
    private_folder(path.parent)
    if not path.exists() and not path.is_symlink():
        _make(path)
    check_private(path, is_folder=False)
    secret = path.read_bytes()
    if len(secret) != KEY_BYTES:
        raise ZoneError(
            "bad_key",
            f"la clé n’a pas {KEY_BYTES} octets",
            f"the key is not {KEY_BYTES} bytes",
            "Reprendre la clé de sa sauvegarde.",
            "Restore the key from its backup.",
        )
    return Key(secret)


def _make(path: Path) -> None:
    """Write a new key whole, or leave the one that another process has just made."""
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        os.link(fresh, path)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
