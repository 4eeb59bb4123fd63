"""Packed files: one member, unpacked in memory, counted while it inflates."""

from __future__ import annotations

import io
import lzma
import stat
import zipfile
import zlib
from collections.abc import Callable
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import Literal, Protocol

from etl.reading.repairs import shown
from etl.reading.text import LARGEST_BYTES, MAGIC
from etl.source import Ledger, RejectedFile

Kind = Literal["lzma", "gzip", "zip"]

#: A file that inflates by more than this is a bomb, once it is past the size nobody fears.
LARGEST_RATIO = 100
_HARMLESS_BYTES = 1024 * 1024
_MOST_MEMBERS = 1000
_MEMORY_BYTES = 256 * 1024 * 1024
_STEP = 1024 * 1024
_ARCHIVES = tuple(magic for magic, _fr, _en in MAGIC[:8])
_MAGIC: dict[Kind, tuple[bytes, ...]] = {
    "lzma": (b"\xfd7zXZ\0", b"\x5d\0\0"),
    "gzip": (b"\x1f\x8b",),
    "zip": (b"PK\x03\x04", b"PK\x05\x06"),
}
_NAMES: dict[Kind, str] = {"lzma": "xz/lzma", "gzip": "gzip", "zip": "zip"}
_AGAIN = {
    "mend_fr": "Télécharger à nouveau le fichier complet chez le producteur.",
    "mend_en": "Download the whole file again from its producer.",
}
_REPACK = {
    "mend_fr": "Fournir le fichier décompressé, ou une archive d’un seul fichier simple.",
    "mend_en": "Give the unpacked file, or an archive of one plain file.",
}


class _Inflater(Protocol):
    """What the decompressors of gzip and of lzma have in common here."""

    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...


def unpacked(content: bytes, ledger: Ledger, kind: Kind, member: str | None = None) -> bytes:
    """The bytes of the one file that is packed in ``content``.

    Parameters
    ----------
    kind: how the file is packed; ``lzma`` is .xz or .lzma.
    member: which member of a zip, by its name or a pattern (``*.csv``); by default it has one.

    Raises
    ------
    RejectedFile
        Not of this kind, cut short, wrong checksum, encrypted, a member outside of the archive
        or that is a link, an archive inside, several members, or a bomb: more than 512 MB, or
        more than 100 times its packed size.
    """
    if not content.strip(b"\0 \r\n\t"):
        raise ledger.reject("empty", "le fichier est vide", "the file is empty", **_AGAIN)
    if not content.startswith(_MAGIC[kind]):
        raise ledger.reject(
            "not_packed",
            f"ce n’est pas un fichier {_NAMES[kind]}",
            f"this is not a {_NAMES[kind]} file",
            **_AGAIN,
        )
    try:
        inside = (
            _member(content, ledger, member) if kind == "zip" else _whole(content, ledger, kind)
        )
    except (zlib.error, lzma.LZMAError, zipfile.BadZipFile, EOFError, OSError) as error:
        raise _damaged(ledger, error) from None
    except (RuntimeError, NotImplementedError, ValueError, KeyError, OverflowError) as error:
        raise _damaged(ledger, error) from None
    if inside.startswith(_ARCHIVES) and not _is_document(inside):
        raise ledger.reject(
            "nested_archive",
            "une archive en contient une autre",
            "an archive holds another one",
            **_REPACK,
        )
    return inside


def _whole(content: bytes, ledger: Ledger, kind: Kind) -> bytes:
    """The one stream of a gzip or lzma file."""
    inflate: Callable[[bytes], bytes]
    if kind == "gzip":
        gunzip = zlib.decompressobj(wbits=31)
        state: _Inflater = gunzip

        def inflate(fed: bytes) -> bytes:
            return gunzip.decompress(fed or gunzip.unconsumed_tail, _STEP)
    else:
        unxz = lzma.LZMADecompressor(memlimit=_MEMORY_BYTES)
        state = unxz

        def inflate(fed: bytes) -> bytes:
            return unxz.decompress(fed, _STEP)

    parts, total = [inflate(content)], 0
    while parts[-1] and not state.eof:
        total += len(parts[-1])
        _check_size(total, len(content), ledger)
        parts.append(inflate(b""))
    _check_size(total + len(parts[-1]), len(content), ledger)
    if not state.eof:
        raise ledger.reject(
            "truncated",
            "fichier compressé coupé avant sa fin",
            "compressed file cut before its end",
            **_AGAIN,
        )
    if state.unused_data.strip(b"\0"):
        raise _several(ledger, "")
    return b"".join(parts)


def _member(content: bytes, ledger: Ledger, member: str | None) -> bytes:
    """The one member of a zip that is asked for."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        infos = archive.infolist()
        _check_members(infos, len(content), ledger)
        files = [info for info in infos if not info.is_dir() and not _is_litter(info.filename)]
        asked = [info for info in files if member in (None, info.filename)] or [
            info for info in files if member and fnmatchcase(info.filename, member)
        ]
        if not asked:
            raise ledger.reject(
                "missing_member",
                f"l’archive n’a pas de fichier {member or ''}".rstrip(),
                f"the archive has no file {member or ''}".rstrip(),
                mend_fr=f"Elle contient : {_listed(files, ledger)}.",
                mend_en=f"It holds: {_listed(files, ledger)}.",
            )
        if len(asked) > 1:
            raise _several(ledger, _listed(asked, ledger))
        parts, total = [], 0
        with archive.open(asked[0]) as file:
            while part := file.read(_STEP):
                parts.append(part)
                total += len(part)
                _check_size(total, max(asked[0].compress_size, 1), ledger)
        return b"".join(parts)


def _check_members(infos: list[zipfile.ZipInfo], packed: int, ledger: Ledger) -> None:
    """Refuse an archive by its list of members, before any of them inflates."""
    names = [info.filename for info in infos]
    if len(names) > _MOST_MEMBERS or len(set(names)) < len(names):
        raise ledger.reject(
            "unsafe_archive",
            f"archive de {len(names)} membres, ou de membres de même nom",
            f"archive of {len(names)} members, or with members of one name",
            **_REPACK,
        )
    for info in infos:
        name = info.filename
        path = PurePosixPath(name.replace("\\", "/"))
        is_outside = path.is_absolute() or ".." in path.parts or ":" in name or "\0" in name
        if is_outside or stat.S_ISLNK(info.external_attr >> 16):
            raise ledger.reject(
                "unsafe_archive",
                f"un membre de l’archive sort d’elle ou est un lien : {shown(name, ledger)}",
                f"a member of the archive leaves it or is a link: {shown(name, ledger)}",
                **_REPACK,
            )
        if info.flag_bits & 0x1:
            raise ledger.reject(
                "encrypted",
                "l’archive est protégée par un mot de passe",
                "the archive is protected by a password",
                mend_fr="Fournir le fichier sans mot de passe.",
                mend_en="Give the file without a password.",
            )
    _check_size(sum(info.file_size for info in infos), packed, ledger)


def _check_size(inflated: int, packed: int, ledger: Ledger) -> None:
    is_bomb = inflated > _HARMLESS_BYTES and inflated > LARGEST_RATIO * packed
    if is_bomb or inflated > LARGEST_BYTES:
        raise ledger.reject(
            "bomb",
            "le fichier gonfle de plus de 100 fois, ou au-delà de 512 Mo",
            "the file inflates more than 100 times, or beyond 512 MB",
            **_REPACK,
        )


def _is_litter(name: str) -> bool:
    """What archivers leave beside the files."""
    path = PurePosixPath(name)
    return path.parts[:1] == ("__MACOSX",) or path.name in (".DS_Store", "Thumbs.db")


def _is_document(content: bytes) -> bool:
    """Whether a zip is an Office document, which a reader of workbooks opens by itself."""
    if not content.startswith(b"PK\x03\x04"):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, OverflowError):
        return False
    return "[Content_Types].xml" in names or "mimetype" in names


def _listed(infos: list[zipfile.ZipInfo], ledger: Ledger) -> str:
    return ", ".join(shown(info.filename, ledger) for info in infos[:10]) or "—"


def _several(ledger: Ledger, names: str) -> RejectedFile:
    return ledger.reject(
        "several_members",
        "l’archive contient plusieurs fichiers" + (f" : {names}" if names else ""),
        "the archive holds several files" + (f": {names}" if names else ""),
        mend_fr="Nommer le membre à lire, ou fournir un seul fichier.",
        mend_en="Name the member to read, or give one file.",
    )


def _damaged(ledger: Ledger, error: Exception) -> RejectedFile:
    return ledger.reject(
        "damaged_archive",
        f"archive abîmée ou illisible ({type(error).__name__})",
        f"damaged or unreadable archive ({type(error).__name__})",
        **_AGAIN,
    )
