import stat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.records.folders import ZoneError
from etl.records.pseudonyms import KEY_BYTES, Key, key

ONE, OTHER = Key(b"1" * KEY_BYTES), Key(b"2" * KEY_BYTES)


@given(number=st.text(min_size=1, max_size=30))
def test_one_key_gives_one_pseudonym_and_another_key_another(number):
    made = ONE.pseudonym("child", number)
    assert made == ONE.pseudonym("child", number)
    assert made != OTHER.pseudonym("child", number)
    assert made != ONE.pseudonym("case", number)
    assert len(made) == 32
    assert set(made) <= set("0123456789abcdef")


def test_it_is_the_hmac_of_rfc_2104():
    import hashlib
    import hmac

    whole = hmac.new(b"1" * 32, b"5:child:E000001", hashlib.sha256).hexdigest()
    assert ONE.pseudonym("child", "E000001") == whole[:32]


def test_a_missing_number_stays_missing():
    assert ONE.pseudonyms("child", ["A", None, ""]) == [ONE.pseudonym("child", "A"), None, None]


def test_the_secret_is_not_shown():
    assert "1111" not in repr(ONE)
    assert ONE.id != OTHER.id


def test_the_key_is_made_once_for_its_owner_alone(tmp_path):
    path = tmp_path / "keys" / "pseudonym.key"
    made = key(path, tmp_path / "records")
    assert len(made.secret) == KEY_BYTES
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert key(path, tmp_path / "records") == made
    assert list(path.parent.iterdir()) == [path]


def test_another_folder_has_another_key(tmp_path):
    first = key(tmp_path / "a" / "k", tmp_path / "records")
    assert first != key(tmp_path / "b" / "k", tmp_path / "records")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_a_key_open_to_others_is_refused(tmp_path, mode):
    path = tmp_path / "keys" / "k"
    key(path, tmp_path / "records")
    path.chmod(mode)
    with pytest.raises(ZoneError) as caught:
        key(path, tmp_path / "records")
    assert caught.value.code == "zone_open"


def test_a_key_in_an_open_folder_is_refused(tmp_path):
    path = tmp_path / "keys" / "k"
    key(path, tmp_path / "records")
    path.parent.chmod(0o755)
    with pytest.raises(ZoneError):
        key(path, tmp_path / "records")


def test_a_key_that_is_a_link_is_refused(tmp_path):
    key(tmp_path / "keys" / "k", tmp_path / "records")
    (tmp_path / "keys" / "other").symlink_to(tmp_path / "keys" / "k")
    with pytest.raises(ZoneError) as caught:
        key(tmp_path / "keys" / "other", tmp_path / "records")
    assert caught.value.code == "zone_link"


def test_a_short_key_is_refused(tmp_path):
    path = tmp_path / "keys" / "k"
    key(path, tmp_path / "records")
    path.write_bytes(b"short")
    with pytest.raises(ZoneError) as caught:
        key(path, tmp_path / "records")
    assert caught.value.code == "bad_key"


@pytest.mark.parametrize("folder", ["records", "records/own_measures", "releases/1", "snapshots"])
def test_the_key_never_lies_with_what_it_protects(tmp_path, folder):
    with pytest.raises(ZoneError) as caught:
        key(tmp_path / folder / "k", tmp_path / "records")
    assert caught.value.code == "key_beside_records"
    assert not (tmp_path / folder / "k").exists()
