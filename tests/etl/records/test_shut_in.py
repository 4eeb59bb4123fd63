"""A reader shut in its own process writes in the zone and nowhere else, once that is prepared."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
SHUT_IN = """
import io, json, os, sys
from datetime import date
from pathlib import Path
import pandas as pd
from etl.records.vault import Extract, Zone
zone = Zone(Path(sys.argv[1]) / "records", Path(sys.argv[1]) / "keys" / "k")
zone.prepare()
table = pd.DataFrame({"child_id": ["a"]})
table.to_parquet(io.BytesIO())
written = []
def watch(event, arguments):
    path = arguments[0] if arguments else None
    if isinstance(path, int):
        return  # a file that is open already
    if event == "open" and isinstance(arguments[2], int) and arguments[2] & os.O_CREAT:
        written.append(os.fsdecode(arguments[0]))
    elif event in ("os.mkdir", "os.rename", "os.remove", "os.link"):
        written.append(os.fsdecode(arguments[0]))
sys.addaudithook(watch)
zone.key()
zone.keep(Extract("own_staff", "s", "k", date(2026, 1, 1), date(2026, 1, 1), True, 1), table)
zone.extracts("own_staff")
print(json.dumps(written))
"""


def test_after_it_is_prepared_a_reader_writes_in_the_zone_alone(tmp_path):
    told = subprocess.run(
        [sys.executable, "-c", SHUT_IN, str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    written = json.loads(told.stdout)
    assert written
    for path in written:
        assert Path(path).is_relative_to(tmp_path / "records")
