"""The next release while it is built, in one DuckDB file that nobody reads yet."""

from __future__ import annotations

import hashlib
import shutil
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow
import sqlalchemy as sa

from geodata import schema
from geodata.release.records import DATABASE, Release, ReleaseError

#: Schema under which a draft sees the release it is compared with.
BASE = schema.BASE
#: Tables are loaded together until they have so many rows.
ROWS_AT_ONCE = 500_000
#: Tables that say how a release was made or differs from another, and nothing of the world.
_ABOUT_THE_MAKING = ("about", "change", "issue", "source", "told")


class Draft:
    """The next release while it is built: load its tables, then :func:`publish` it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._connection = duckdb.connect(str(folder / DATABASE))
        self._connection.execute("SET enable_progress_bar = false")  # the screen is not its own
        self._is_loading = False
        self._dialect = sa.create_mock_engine("duckdb://", lambda *_a, **_k: None).dialect
        for table in schema.release.sorted_tables:
            # Keys are checked once at the end: an index kept while loading costs far more.
            columns = [sa.Column(c.name, c.type, nullable=c.nullable) for c in table.columns]
            keyless = sa.Table(table.name, sa.MetaData(), *columns)
            self._connection.execute(
                str(sa.schema.CreateTable(keyless).compile(dialect=self._dialect))
            )

    def load(self, table: sa.Table, rows: pd.DataFrame | pyarrow.Table) -> int:
        """Append rows to ``table``, by column name; return how many. Absent is NULL.

        Raises
        ------
        ReleaseError
            When a column is unknown or a value is not of its column's type.
        """
        # Arrow knows absence: what pandas writes as NaN becomes NULL.
        arrow = (
            rows
            if isinstance(rows, pyarrow.Table)
            else pyarrow.Table.from_pandas(rows, preserve_index=False)
        )
        unknown = sorted(set(arrow.column_names) - {column.name for column in table.columns})
        if unknown:
            raise ReleaseError(
                f"La table {table.name} n’a pas de colonne {', '.join(unknown)}.",
                f"{table.name} has no column {', '.join(unknown)}.",
            )
        names = ", ".join(f'"{name}"' for name in arrow.column_names)
        self._begin()
        try:
            # The statement finds the local name `arrow`. A registered view would keep every table
            # in memory until the transaction ends.
            self._connection.execute(
                f'INSERT INTO "{table.name}" ({names}) SELECT * FROM arrow'  # noqa: S608
            )
        except duckdb.Error as error:
            raise ReleaseError(
                f"La table {table.name} refuse ses lignes : {error}",
                f"{table.name} refuses its rows: {error}",
            ) from error
        return int(arrow.num_rows)

    def load_all(self, table: sa.Table, parts: Iterable[pyarrow.Table]) -> int:
        """Append several tables to ``table``, some at a time: each statement costs by itself.

        Raises
        ------
        ReleaseError
            As :meth:`load`.
        """
        loaded, waiting = 0, list[pyarrow.Table]()
        for part in parts:
            waiting.append(part)
            if sum(one.num_rows for one in waiting) >= ROWS_AT_ONCE:
                loaded += self._load_together(table, waiting)
                waiting = []
        if waiting:
            loaded += self._load_together(table, waiting)
        return loaded

    def _load_together(self, table: sa.Table, parts: Sequence[pyarrow.Table]) -> int:
        try:
            whole = pyarrow.concat_tables(parts, promote_options="permissive")
        except pyarrow.ArrowException:  # kinds that only the database makes one
            return sum(self.load(table, part) for part in parts)
        return self.load(table, whole)

    def _begin(self) -> None:
        """Load in one transaction: rows then go to the file once, not to a log first."""
        if not self._is_loading:
            self._connection.execute("BEGIN")
            self._is_loading = True

    def _commit(self) -> None:
        if self._is_loading:
            self._connection.execute("COMMIT")
            self._is_loading = False

    def attach(self, base: Release) -> None:
        """Let :meth:`ask` read the tables of ``base`` too, in the schema :data:`BASE`.

        Raises
        ------
        ReleaseError
            When its database cannot be opened.
        """
        path = str(base.database).replace("'", "''")
        self._commit()
        try:
            self._connection.execute(f"ATTACH '{path}' AS {BASE} (READ_ONLY)")
        except duckdb.Error as error:
            raise ReleaseError(
                f"{base.database} ne s’ouvre pas ({error}).",
                f"{base.database} cannot be opened ({error}).",
            ) from error

    def detach(self) -> None:
        """Let go of what :meth:`attach` opened."""
        self._connection.execute(f"DETACH {BASE}")

    def ask(self, statement: sa.Select[Any]) -> pd.DataFrame:
        """The answer to a statement of SQLAlchemy Core on the draft's tables."""
        text = statement.compile(dialect=self._dialect, compile_kwargs={"literal_binds": True})
        frame: pd.DataFrame = self._connection.execute(str(text)).to_arrow_table().to_pandas()
        return frame

    def check_keys(self) -> None:
        """Check that no key is there twice and none is absent, table by table.

        Raises
        ------
        ReleaseError
            Naming the table and the first key that is wrong.
        """
        for table in schema.release.sorted_tables:
            keys = [f'"{column.name}"' for column in table.primary_key]
            if not keys:
                continue
            named = ", ".join(keys)
            absent = " OR ".join(f"{key} IS NULL" for key in keys)
            statement = (
                f'SELECT {named}, count(*) FROM "{table.name}" GROUP BY {named} '  # noqa: S608
                f"HAVING count(*) > 1 OR {absent} ORDER BY {named} LIMIT 1"
            )
            found = self._connection.execute(statement).fetchone()
            if found:
                key = ", ".join(map(str, found[:-1]))
                raise ReleaseError(
                    f"La table {table.name} a {found[-1]} fois la clé ({key}).",
                    f"{table.name} has the key ({key}) {found[-1]} times.",
                )

    def content_sha256(self) -> str:
        """One hash of what the tables say of the world, whatever the order they were written in.

        Each row is hashed and the hashes are added up and crossed out, so that no order matters
        and no second copy of a large table is held in memory. It tells equal contents under one
        version of the engine; against damage there is the hash of the file.
        """
        digest = hashlib.sha256()
        for table in schema.release.sorted_tables:
            if table.name in _ABOUT_THE_MAKING:
                continue
            of_rows = "count(*), sum(hash(t)::HUGEINT), bit_xor(hash(t))"
            statement = f'SELECT {of_rows} FROM "{table.name}" AS t'  # noqa: S608
            found = self._connection.execute(statement).fetchone()
            digest.update(f"{table.name}:{found}\n".encode())
        return digest.hexdigest()

    def close(self) -> None:
        """Write everything to the one file and let go of it."""
        self._commit()
        self._connection.execute("CHECKPOINT")
        self._connection.close()


@contextmanager
def draft(data: Path) -> Iterator[Draft]:
    """A new draft in ``data``; whatever was not published is gone when the block ends.

    The caller holds :func:`refresh_lock`.
    """
    building = data / "building"
    folder = building / uuid.uuid4().hex
    try:
        folder.mkdir(parents=True)
        made = Draft(folder)
        try:
            yield made
        finally:
            made._connection.close()
    finally:
        shutil.rmtree(building, ignore_errors=True)
