import bz2
import gzip
import io
import lzma
import random
import stat
import tracemalloc
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.reading import unpacked
from etl.source import Ledger, RejectedFile

TABLE = b"code;value\n" + b"".join(b"%05d;%d\n" % (n, n * n) for n in range(500))
WAYS = {"gzip": gzip.compress, "lzma": lzma.compress}


def zipped(members, method=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def link() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        info = zipfile.ZipInfo("a.csv")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, "/etc/passwd")
    return out.getvalue()


def encrypted() -> bytes:
    """A zip whose member says it is encrypted, in its own header and in the directory."""
    content = bytearray(zipped({"a.csv": TABLE}))
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


def wrong_checksum(kind: str) -> bytes:
    if kind == "zip":
        content = bytearray(zipped({"a.csv": TABLE}, zipfile.ZIP_STORED))
        content[60] ^= 1
    else:
        content = bytearray(WAYS[kind](TABLE))
        content[-6 if kind == "gzip" else -30] ^= 1
    return bytes(content)


def lying_bomb() -> bytes:
    """A zip whose directory says that its member is small."""
    content = bytearray(zipped({"a.csv": b"\0" * 3_000_000}))
    place = content.index(b"PK\x01\x02")
    content[place + 24 : place + 28] = (1000).to_bytes(4, "little")
    return bytes(content)


def refused(content, kind, member=None, is_record_level=False):
    ledger = Ledger("births", "births.zip", is_record_level=is_record_level)
    with pytest.raises(RejectedFile) as caught:
        unpacked(content, ledger, kind, member)
    issue = caught.value.issue
    assert issue.message_fr
    assert issue.mend_fr
    assert issue.mend_en
    return issue


@pytest.mark.parametrize("kind", list(WAYS))
def test_a_packed_file_comes_out_as_it_went_in(kind):
    assert unpacked(WAYS[kind](TABLE), Ledger("s", "f"), kind) == TABLE


def test_the_older_lzma_and_a_stream_with_padding_are_read():
    older = lzma.compress(TABLE, format=lzma.FORMAT_ALONE)
    assert unpacked(older, Ledger("s", "f"), "lzma") == TABLE
    assert unpacked(gzip.compress(TABLE) + b"\0" * 512, Ledger("s", "f"), "gzip") == TABLE


@pytest.mark.parametrize(
    ("members", "member"),
    [
        ({"a.csv": TABLE}, None),
        ({"a.csv": TABLE, "readme.txt": b"x"}, "a.csv"),
        ({"data/a_2024.csv": TABLE, "readme.txt": b"x"}, "*.csv"),
        ({"data/": b"", "data/a.csv": TABLE, "__MACOSX/._a.csv": b"x"}, None),
    ],
)
def test_the_member_asked_for_comes_out(members, member):
    assert unpacked(zipped(members), Ledger("s", "f"), "zip", member) == TABLE


def test_a_workbook_may_be_zipped_for_it_is_a_document():
    workbook = zipped({"[Content_Types].xml": b"<x/>", "xl/workbook.xml": b"<x/>"})
    assert unpacked(zipped({"a.xlsx": workbook}), Ledger("s", "f"), "zip") == workbook


CASES = [
    ("A01", b"", "gzip", None, "empty"),
    ("A06", TABLE, "gzip", None, "not_packed"),
    ("A07", gzip.compress(TABLE), "zip", None, "not_packed"),
    ("A09-gzip", gzip.compress(TABLE)[:-20], "gzip", None, "truncated"),
    ("A09-lzma", lzma.compress(TABLE)[:-20], "lzma", None, "truncated"),
    ("A09-zip", zipped({"a.csv": TABLE})[:-30], "zip", None, "damaged_archive"),
    ("A16-up", zipped({"../../x": TABLE}), "zip", None, "unsafe_archive"),
    ("A16-root", zipped({"/etc/x": TABLE}), "zip", None, "unsafe_archive"),
    ("A16-drive", zipped({"C:\\x": TABLE}), "zip", None, "unsafe_archive"),
    ("A16-beside", zipped({"a.csv": TABLE, "..\\x": b"1"}), "zip", "a.csv", "unsafe_archive"),
    ("A16-link", link(), "zip", None, "unsafe_archive"),
    ("A17-gzip", gzip.compress(b"\0" * 3_000_000), "gzip", None, "bomb"),
    ("A17-lzma", lzma.compress(b"\0" * 3_000_000), "lzma", None, "bomb"),
    ("A17-zip", zipped({"a.csv": b"\0" * 3_000_000}), "zip", None, "bomb"),
    ("A17-many", zipped({f"{n}": b"" for n in range(1001)}), "zip", None, "unsafe_archive"),
    ("A18-nested", zipped({"a.zip": zipped({"a.csv": TABLE})}), "zip", None, "nested_archive"),
    ("A18-gzip", gzip.compress(gzip.compress(TABLE)), "gzip", None, "nested_archive"),
    ("A18-bzip", gzip.compress(bz2.compress(TABLE)), "gzip", None, "nested_archive"),
    ("A18-encrypted", encrypted(), "zip", None, "encrypted"),
    ("A18-crc-zip", wrong_checksum("zip"), "zip", None, "damaged_archive"),
    ("A18-crc-gzip", wrong_checksum("gzip"), "gzip", None, "damaged_archive"),
    ("A18-crc-lzma", wrong_checksum("lzma"), "lzma", None, "damaged_archive"),
    ("two-gzip", gzip.compress(TABLE) * 2, "gzip", None, "several_members"),
    ("two-lzma", lzma.compress(TABLE) * 2, "lzma", None, "several_members"),
    ("two-zip", zipped({"a.csv": TABLE, "b.csv": TABLE}), "zip", None, "several_members"),
    ("no-member", zipped({"a.csv": TABLE}), "zip", "b.csv", "missing_member"),
    ("no-file", zipped({}), "zip", None, "missing_member"),
]


@pytest.mark.parametrize(
    ("content", "kind", "member", "code"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_what_cannot_be_trusted_is_refused(content, kind, member, code):
    assert refused(content, kind, member).code == code


def test_a_bomb_that_lies_about_its_size_never_inflates():
    tracemalloc.start()
    assert refused(lying_bomb(), "zip").code in ("bomb", "damaged_archive")
    gunzip = gzip.compress(b"\0" * 200_000_000)
    tracemalloc.reset_peak()
    assert refused(gunzip, "gzip").code == "bomb"
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 60_000_000


def test_the_names_inside_an_archive_of_records_about_persons_are_not_told():
    content = zipped({"dupont_jean.csv": TABLE, "martin.csv": TABLE})
    issue = refused(content, "zip", is_record_level=True)
    assert "dupont" not in str(issue)
    assert "dupont" in str(refused(content, "zip"))


GOOD = [zipped({"a.csv": TABLE}), gzip.compress(TABLE), lzma.compress(TABLE), encrypted(), link()]


@given(st.sampled_from(GOOD), st.integers(0, 2**32), st.integers(0, 8))
@settings(deadline=None, max_examples=300)
def test_whatever_the_damage_only_a_refusal_leaves(content, seed, damage):
    draw = random.Random(seed)
    broken = bytearray(content)
    for _ in range(damage):
        broken[draw.randrange(len(broken))] = draw.randrange(256)
    if draw.random() < 0.3:
        del broken[draw.randrange(len(broken)) :]
    for kind in ("zip", "gzip", "lzma"):
        try:
            assert unpacked(bytes(broken), Ledger("s", "f"), kind) is not None
        except RejectedFile as refusal:
            assert refusal.issue.message_fr  # noqa: PT017
