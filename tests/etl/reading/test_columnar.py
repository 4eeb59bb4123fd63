import io
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet
import pytest

from etl.reading import columnar, parquet_frame
from etl.source import Ledger, RejectedFile

BPE = Path(__file__).parents[4] / "shared/data/service/bpe_ens_2018.parquet"


def ledger():
    return Ledger("births", "births.parquet")


def written(columns: dict[str, pa.Array], **options) -> bytes:
    sink = io.BytesIO()
    pyarrow.parquet.write_table(pa.table(columns), sink, **options)
    return sink.getvalue()


SMALL = written({"code": pa.array(["01001", None]), "value": pa.array([7, None])})


def refused(content, columns=("code",), **options):
    with pytest.raises(RejectedFile) as caught:
        parquet_frame(content, columns, ledger(), **options)
    issue = caught.value.issue
    assert issue.message_fr
    assert issue.mend_fr
    return issue


def test_columns_are_found_by_name_and_keep_their_types():
    content = written(
        {
            "body": pa.array([b"\x00", b"\x01"]),
            "code": pa.array(["01001", "02A04"]).dictionary_encode(),
            "count": pa.array([2**53 + 1, None]),
            "whole": pa.array([1, 2], pa.int32()),
            "share": pa.array([0.5, None]),
        }
    )
    found = ledger()
    frame = parquet_frame(content, ("whole", "count", "share", "code"), found)
    kinds = {name: str(kind) for name, kind in frame.dtypes.items()}
    assert kinds == {
        "whole": "int32",
        "count": "Int64",
        "share": "float64",
        "code": "str",
        "line": "int64",
    }
    assert frame["count"].tolist() == [2**53 + 1, pd.NA]
    assert frame["line"].tolist() == [2, 3]
    assert [issue.code for issue in found.issues] == ["extra_columns"]


def test_optional_columns_are_read_where_they_are():
    frame = parquet_frame(SMALL, ("code",), ledger(), optional=("value", "other"))
    assert list(frame) == ["code", "value", "line"]


def test_only_the_named_columns_are_read():
    content = bytearray(written({"a": ["x"] * 1000, "b": ["y"] * 1000}, compression="none"))
    place = pyarrow.parquet.ParquetFile(io.BytesIO(bytes(content))).metadata.row_group(0).column(1)
    content[place.dictionary_page_offset : place.dictionary_page_offset + 8] = b"\xff" * 8
    assert len(parquet_frame(bytes(content), ("a",), ledger())) == 1000
    assert refused(bytes(content), ("b",)).code == "unreadable_parquet"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"PAR1 and no end", "truncated"),
        (SMALL[:-10], "truncated"),
        (SMALL[: len(SMALL) // 2] + b"PAR1", "unreadable_parquet"),
        (b"code,value\n1,2\n", "not_parquet"),
        (written({"value": pa.array([1])}), "missing_column"),
        (written({"code": pa.array([], pa.string())}), "no_rows"),
        (written({f"c{n}": pa.array([1]) for n in range(2001)}), "too_many_columns"),
    ],
)
def test_what_cannot_be_read_is_refused(content, code):
    assert refused(content).code == code


def test_a_file_that_is_too_long_is_refused_by_its_footer(monkeypatch):
    monkeypatch.setattr(columnar, "MOST_ROWS", 1)
    assert refused(SMALL).code == "too_many_rows"


def test_a_column_that_inflates_beyond_measure_is_refused_by_its_footer(monkeypatch):
    monkeypatch.setattr(columnar, "LARGEST_INFLATED", 16 << 20)
    bomb = pa.array(["x" * (1 << 20)] * 20, pa.string())
    content = written(
        {"code": bomb, "other": pa.array([1] * 20)}, use_dictionary=False, compression="zstd"
    )
    assert len(content) < 1 << 20
    assert refused(content).code == "too_big"
    assert len(parquet_frame(content, ("other",), ledger())) == 20


@pytest.mark.shared
@pytest.mark.skipif(not BPE.exists(), reason="needs the folder of shared files")
def test_a_million_rows_are_read_column_by_column():
    names = pyarrow.parquet.read_schema(BPE).names
    frame = parquet_frame(BPE.read_bytes(), names[:2], ledger())
    assert len(frame) == 1_035_564
    assert frame["line"].iloc[-1] == 1_035_565
