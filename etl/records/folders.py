"""Folders and files that only their owner may open."""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path

_FOLDER = 0o700
_FILE = 0o600


class ZoneError(Exception):
    """The record-level zone or its key cannot be trusted; nothing is read from it or written."""

    def __init__(self, code: str, fr: str, en: str, mend_fr: str, mend_en: str) -> None:
        super().__init__(f"{en} → {mend_en}")
        self.code = code
        self.fr, self.en = fr, en
        self.mend_fr, self.mend_en = mend_fr, mend_en


def private_folder(path: Path) -> None:
    """Make a folder that only its owner opens, or check the one that is there.

    Raises
    ------
    ZoneError
        When it is a symbolic link, is another user's, or is open to others.
    """
    if not path.is_symlink() and not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.mkdir(mode=_FOLDER, exist_ok=True)
    check_private(path, is_folder=True)


def check_private(path: Path, is_folder: bool) -> None:
    """Refuse a folder or file that is a link, another user's, or open to others.

    Raises
    ------
    ZoneError
        Naming the path's last part and the mend; also when it is absent.
    """
    try:
        found = path.lstat()
    except OSError as error:
        raise ZoneError(
            "zone_absent",
            f"{path.name} ne peut pas être lu ({error.strerror})",
            f"{path.name} cannot be read ({error.strerror})",
            "Vérifier le dossier des données et son propriétaire.",
            "Check the data folder and its owner.",
        ) from error
    kind = stat.S_ISDIR if is_folder else stat.S_ISREG
    if not kind(found.st_mode):
        raise ZoneError(
            "zone_link",
            f"{path.name} est un lien, ou n’est pas ce qu’il doit être",
            f"{path.name} is a link, or not what it should be",
            "Le remplacer par un vrai dossier ou fichier.",
            "Replace it with a real folder or file.",
        )
    mode = oct(_FOLDER if is_folder else _FILE)[2:]
    own = ("un dossier à part", "a folder of its own") if is_folder else (path.name, path.name)
    if stat.S_IMODE(found.st_mode) & 0o077 or found.st_uid != os.geteuid():
        raise ZoneError(
            "zone_open",
            f"{path.name} est ouvert à d’autres que son propriétaire",
            f"{path.name} is open to others than its owner",
            f"Utiliser {own[0]}, en mode {mode}, et savoir qui a pu le lire.",
            f"Use {own[1]}, with mode {mode}, and find out who may have read it.",
        )


def write_private(path: Path, content: bytes) -> None:
    """Write a file whole or not at all, readable by its owner alone."""
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, _FILE)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(fresh, path)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
