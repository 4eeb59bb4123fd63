from pathlib import Path

import pytest

from geodata.settings import SETTINGS, SettingError, settings

ROOT = Path(__file__).parents[2]


def test_defaults_are_loopback_and_a_local_folder():
    chosen = settings({})
    assert (chosen.host, chosen.port) == ("127.0.0.1", 8050)
    assert chosen.data == Path(".vigie").absolute()
    assert chosen.incoming == chosen.data / "incoming"


def test_environment_wins_and_blanks_do_not():
    chosen = settings({"VIGIE_DATA": "/srv/vigie", "VIGIE_PORT": "9000", "VIGIE_HOST": " "})
    assert (chosen.data, chosen.port, chosen.host) == (Path("/srv/vigie"), 9000, "127.0.0.1")


@pytest.mark.parametrize("port", ["http", "-1", "70000", "８０", "8050.0"])
def test_a_wrong_port_is_named_with_its_mend(port):
    with pytest.raises(SettingError, match=r"VIGIE_PORT=.*whole number between 0 and 65535"):
        settings({"VIGIE_PORT": port})


def test_notices_need_a_mail_server_and_say_where_the_dashboard_is():
    chosen = settings(
        {
            "VIGIE_NOTICE_EMAIL": "odile@example.org, paul@example.org,",
            "VIGIE_SMTP_HOST": "mail.example.org",
            "VIGIE_PORT": "9000",
        }
    )
    assert chosen.notice_email == ("odile@example.org", "paul@example.org")
    assert (chosen.smtp_sender, chosen.smtp_port) == ("odile@example.org", 587)
    assert chosen.address == "http://127.0.0.1:9000"
    assert settings({"VIGIE_ADDRESS": "https://v.example.org/"}).address == "https://v.example.org"
    with pytest.raises(SettingError, match="VIGIE_NOTICE_EMAIL needs VIGIE_SMTP_HOST"):
        settings({"VIGIE_NOTICE_EMAIL": "odile@example.org"})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("VIGIE_NOTICE_WEBHOOK", "ftp://hooks.example.org/s3cr3t"),
        ("VIGIE_NOTICE_WEBHOOK", "https:///s3cr3t"),
        ("VIGIE_NOTICE_WEBHOOK", "https://hooks.example.org:port/s3cr3t"),
        ("VIGIE_ADDRESS", "vigie.example.org"),
        ("VIGIE_NOTICE_EMAIL", "Odile <odile@example.org>"),
        ("VIGIE_SMTP_SENDER", "odile"),
    ],
)
def test_an_address_that_cannot_be_used_is_named_without_its_key(name, value):
    with pytest.raises(SettingError, match=name) as raised:
        settings({name: value, "VIGIE_SMTP_HOST": "mail.example.org"})
    assert "s3cr3t" not in str(raised.value)


def test_roads_are_an_extract_or_a_server_whose_address_says_its_kind():
    assert settings({"VIGIE_ROADS": "/srv/a.osm.pbf"}).roads == Path("/srv/a.osm.pbf")
    assert settings({}).roads is None
    router = "https://r.example.org/table/v1/driving?key=s3cr3t"
    chosen = settings({"VIGIE_ROUTER": router})
    assert chosen.router == router
    assert "s3cr3t" not in repr(chosen)
    for wrong in ("https://r.example.org/route/v1/driving?key=s3cr3t", "r.example.org"):
        with pytest.raises(SettingError, match="VIGIE_ROUTER: write an address") as raised:
            settings({"VIGIE_ROUTER": wrong})
        assert "s3cr3t" not in str(raised.value)
    with pytest.raises(SettingError, match="keep one"):
        settings({"VIGIE_ROUTER": router, "VIGIE_ROADS": "/srv/a.osm.pbf"})


def test_keys_are_not_printed_with_the_settings():
    chosen = settings({"VIGIE_NOTICE_WEBHOOK": "https://hooks.example.org/s3cr3t"})
    assert chosen.webhook.endswith("s3cr3t")
    assert "s3cr3t" not in repr(chosen)


def test_the_readme_lists_every_setting_with_its_default():
    readme = (ROOT / "README.md").read_text("utf-8")
    for setting in SETTINGS:
        default = f"`{setting.default}`" if setting.default else "empty"
        assert f"| `{setting.name}` | {default} | {setting.help} |" in readme, setting.name
