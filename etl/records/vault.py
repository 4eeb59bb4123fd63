"""The record-level zone: one snapshot a source and a file, for its owner's eyes only.

The web process never opens it. What is in it is pseudonymised already; the key lies elsewhere.
"""

from __future__ import annotations

import io
import json
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd

from etl.records.folders import check_private, private_folder, write_private
from etl.records.pseudonyms import Key, key


@dataclass(frozen=True, slots=True)
class Extract:
    """What is known of one extract as a whole; it holds no cell of a row."""

    source_id: str
    #: SHA-256 of the file, then the id of the key its numbers were hashed with.
    snapshot_id: str
    key_id: str
    extracted_on: date
    covered_since: date
    is_invented: bool
    rows: int

    def row(self) -> dict[str, object]:
        """The same as plain values: dates in ISO text."""
        return {
            **asdict(self),
            "extracted_on": self.extracted_on.isoformat(),
            "covered_since": self.covered_since.isoformat(),
        }


@dataclass(frozen=True, slots=True)
class Zone:
    """The folder of records and the path of the key, which lies outside it."""

    folder: Path
    key_path: Path

    def key(self) -> Key:
        """The key of the pseudonyms; see :func:`etl.records.pseudonyms.key` for errors."""
        return key(self.key_path, self.folder)

    def prepare(self) -> None:
        """Make the zone and the key where they are absent, before a reader is shut in its limits.

        Raises
        ------
        ZoneError
            When either cannot be trusted.
        """
        private_folder(self.folder)
        self.key()

    def keep(self, extract: Extract, records: pd.DataFrame) -> None:
        """Write the pseudonymised records of one extract: whole, or not at all.

        Raises
        ------
        ZoneError
            When the zone is a link, or open to others than its owner.
        """
        place = self._place(extract.source_id)
        body = io.BytesIO()
        records.to_parquet(body, index=False)
        write_private(place / f"{extract.snapshot_id}.parquet", body.getvalue())
        said = {**extract.row(), "kept_at": datetime.now(UTC).isoformat(timespec="microseconds")}
        write_private(place / f"{extract.snapshot_id}.json", json.dumps(said).encode())

    def records(self, source_id: str, snapshot_id: str) -> pd.DataFrame:
        """The records of one extract.

        Raises
        ------
        ZoneError
            When it is not there, or the zone cannot be trusted.
        """
        path = self._place(source_id) / f"{snapshot_id}.parquet"
        check_private(path, is_folder=False)
        return pd.read_parquet(path)

    def extracts(self, source_id: str) -> list[Extract]:
        """The extracts kept of a source, oldest extract first, the last kept last.

        Raises
        ------
        ZoneError
            When the zone cannot be trusted.
        """
        place = self._place(source_id)
        kept = []
        for path in place.glob("*.json"):
            check_private(path, is_folder=False)
            said = json.loads(path.read_text("utf-8"))
            kept.append((said["extracted_on"], said.pop("kept_at"), said))
        return [_extract(said) for _on, _at, said in sorted(kept, key=lambda item: item[:2])]

    def forget(self, source_id: str, snapshot_id: str) -> bool:
        """Erase one extract; whether it was there."""
        place = self._place(source_id)
        there = False
        for ending in (".json", ".parquet"):
            path = place / f"{snapshot_id}{ending}"
            there |= path.exists()
            path.unlink(missing_ok=True)
        return there

    def _place(self, source_id: str) -> Path:
        if not source_id.isidentifier():
            raise ValueError(f"{source_id!r} is not the id of a source")
        private_folder(self.folder)
        place = self.folder / source_id
        private_folder(place)
        return place


def _extract(said: dict[str, object]) -> Extract:
    on, since = str(said["extracted_on"]), str(said["covered_since"])
    return Extract(
        source_id=str(said["source_id"]),
        snapshot_id=str(said["snapshot_id"]),
        key_id=str(said["key_id"]),
        extracted_on=date.fromisoformat(on),
        covered_since=date.fromisoformat(since),
        is_invented=bool(said["is_invented"]),
        rows=int(str(said["rows"])),
    )
