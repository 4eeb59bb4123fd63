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


def test_the_readme_lists_every_setting_with_its_default():
    readme = (ROOT / "README.md").read_text("utf-8")
    for setting in SETTINGS:
        default = f"`{setting.default}`" if setting.default else "empty"
        assert f"| `{setting.name}` | {default} | {setting.help} |" in readme, setting.name
