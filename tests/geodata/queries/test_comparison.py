"""What a draft changes against its base: three villages by hand, and pandas merges."""

import numpy as np
import pandas as pd
import pytest

from geodata import schema
from geodata.queries import comparison
from geodata.release import draft, refresh_lock

KEY = ["indicator", "level", "area_id", "period"]


def areas(names, role="territory"):
    return pd.DataFrame(
        {
            "level": "commune",
            "area_id": list(names),
            "fid": range(len(names)),
            "name": list(names.values()),
            "role": role,
        }
    )


def observations(rows):
    frame = pd.DataFrame(rows, columns=[*KEY, "value"])
    status = np.where(frame["value"].isna(), "suppressed", "observed")
    return frame.astype({"value": "float64"}).assign(status=status)


def villages(values, period="2020"):
    return observations([("births", "commune", a, period, v) for a, v in values.items()])


@pytest.fixture
def asked(tmp_path, tiny_release):
    """Asks a draft of these tables, compared with a release of those."""

    def ask(before, after, *statements):
        base = tiny_release(tmp_path, before)
        with refresh_lock(tmp_path), draft(tmp_path) as made:
            for name, rows in after.items():
                made.load(schema.release.tables[name], rows)
            made.attach(base)
            frames = [made.ask(statement) for statement in statements]
            made.detach()
        return frames[0] if len(frames) == 1 else frames

    return ask


def test_areas_that_came_went_or_are_renamed(asked):
    frame = asked(
        {"area": areas({"A": "Aurec", "B": "Beaux", "C": "Céaux"})},
        {"area": areas({"B": "Beaux-le-Neuf", "C": "Céaux", "D": "Dunières"})},
        comparison.areas_changed(),
    )
    assert frame.astype("object").where(frame.notna(), None).to_numpy().tolist() == [
        ["area_added", "commune", "D", None, "Dunières"],
        ["area_removed", "commune", "A", "Aurec", None],
        ["area_renamed", "commune", "B", "Beaux", "Beaux-le-Neuf"],
    ]


def test_values_that_changed_are_counted_each_once(asked):
    """A moves, B falls silent, C speaks, D goes, E comes, F and G stay; G is zero, not unknown."""
    before = {"A": 10, "B": 20, "C": None, "D": 4, "F": 5, "G": 0}
    after = {"A": 11, "B": None, "C": 3, "E": 9, "F": 5, "G": 0}
    frame = asked(
        {"observation": villages(before)},
        {"observation": villages(after)},
        comparison.values_changed(),
    )
    (row,) = frame.to_dict("records")
    assert {k: v if k in ("indicator", "level") else int(v) for k, v in row.items()} == {
        "indicator": "births",
        "level": "commune",
        "added": 2,
        "removed": 2,
        "moved": 1,
        "newly_suppressed": 1,
        "no_longer_suppressed": 1,
        "areas_before": 5,
        "areas_after": 5,
    }


def test_the_largest_moves_are_beside_the_usual_size(asked):
    """Mean absolute value before: (10 + 20 + 30) / 3 = 20; A moves by 20, C by 5."""
    before, after = {"A": 10, "B": 20, "C": 30}, {"A": 30, "B": 20, "C": 25}
    statement = comparison.largest_moves(5)
    frame = asked({"observation": villages(before)}, {"observation": villages(after)}, statement)
    assert frame["area_id"].tolist() == ["A", "C"]
    assert frame["move"].tolist() == [1.0, 0.25]
    assert frame[["before", "after"]].to_numpy().tolist() == [[10, 30], [30, 25]]


def test_ranks_are_those_of_the_latest_period_that_both_have(asked):
    """2021 is new: it is compared with nothing. In 2020 A goes from first to third."""
    before = villages({"A": 30, "B": 20, "C": 10, "D": None})
    after = villages({"A": 5, "B": 20, "C": 10, "D": 99})
    newer = villages({"A": 1, "B": 2, "C": 3}, "2021")
    frame = asked(
        {"observation": before},
        {"observation": pd.concat([after, newer])},
        comparison.ranks_changed("commune", 10),
    )
    assert frame["period"].unique().tolist() == ["2020"]
    # D, unknown before, has no rank to compare, but now stands before the others.
    assert frame[["area_id", "before", "after"]].to_numpy().tolist() == [["A", 1, 4]]


def test_a_total_is_of_our_own_areas_and_leaves_the_unknown_out(asked):
    ours, theirs = areas({"A": "Aurec", "B": "Beaux"}), areas({"C": "Céaux"}, "comparison")
    figures = pd.DataFrame(
        [
            ("births", "commune", "A", "2020", 3.0, "observed", "x"),
            ("births", "commune", "B", "2020", None, "suppressed", "x"),
            ("births", "commune", "C", "2020", 50.0, "observed", "x"),
            ("births", "epci", "A", "2020", 90.0, "observed", "x"),
            ("deaths", "commune", "A", "2020", None, "suppressed", "y"),
        ],
        columns=["variable", "level", "area_id", "period", "value", "status", "source_id"],
    )
    tables = {"area": pd.concat([ours, theirs.assign(fid=2)]), "figure": figures}
    now, then = asked(
        {**tables, "figure": figures.assign(value=figures["value"] * 2)},
        tables,
        comparison.totals("commune", is_base=False),
        comparison.totals("commune", is_base=True),
    )
    births = now.set_index("variable").loc["births"]
    assert (births["total"], births["areas"], births["source_id"]) == (3, 1, "x")
    deaths = now.set_index("variable").loc["deaths"]
    assert np.isnan(deaths["total"]), "nothing known is not a total of zero"
    assert then.set_index("variable").loc["births", "total"] == 6


# Against pandas, on random releases.


@pytest.fixture(scope="module", params=range(4))
def pair(request):
    """Two releases that share most keys; some values unknown, some the same, some ties."""
    random = np.random.default_rng(request.param)

    def one():
        keys = pd.MultiIndex.from_product(
            [["births", "rsa"], ["commune", "epci"], list("ABCDEFGH"), ["2019", "2020", "2021"]]
        ).to_frame(index=False, name=KEY)
        keys = keys[random.random(len(keys)) < 0.8]
        status = random.choice(["observed", "suppressed", "missing"], len(keys), p=[0.7, 0.2, 0.1])
        value = random.integers(-3, 6, len(keys)).astype("float64")
        return keys.assign(value=np.where(status == "observed", value, np.nan), status=status)

    return one(), one()


def merged(before, after):
    return before.merge(after, on=KEY, how="outer", suffixes=("_before", "_after"))


def test_counts_agree_with_a_merge(pair, asked):
    before, after = pair
    both = merged(before, after)
    had, has = both["value_before"].notna(), both["value_after"].notna()
    was = both["status_before"] == "suppressed"
    is_ = both["status_after"] == "suppressed"
    counts = both[["indicator", "level"]].assign(
        added=has & ~had,
        removed=had & ~has,
        moved=had & has & (both["value_before"] != both["value_after"]),
        newly_suppressed=is_ & ~was,
        no_longer_suppressed=was & ~is_,
        areas_before=had,
        areas_after=has,
    )
    expected = counts.groupby(["indicator", "level"]).sum().astype("int64")
    frame = asked(
        {"observation": before}, {"observation": after}, comparison.values_changed()
    ).set_index(["indicator", "level"])
    pd.testing.assert_frame_equal(frame.astype("int64"), expected, check_index_type=False)


def test_moves_agree_with_a_merge(pair, asked):
    before, after = pair
    usual = before["value"].abs().groupby([before["indicator"], before["level"]]).mean()
    both = merged(before, after).dropna(subset=["value_before", "value_after"])
    both = both[both["value_before"] != both["value_after"]]
    both = both.join(usual.rename("usual"), on=["indicator", "level"])
    both["move"] = (both["value_after"] - both["value_before"]).abs() / both["usual"]
    expected = both.sort_values(["move", *KEY], ascending=[False, *[True] * 4])[:7]
    frame = asked({"observation": before}, {"observation": after}, comparison.largest_moves(7))
    assert frame[KEY].to_numpy().tolist() == expected[KEY].to_numpy().tolist()
    np.testing.assert_allclose(frame["move"], expected["move"], rtol=1e-12)
    np.testing.assert_array_equal(frame["before"], expected["value_before"])
    np.testing.assert_array_equal(frame["after"], expected["value_after"])


def test_ranks_agree_with_pandas(pair, asked):
    before, after = pair
    rows = []
    for indicator in ("births", "rsa"):
        then, now = (
            f[(f["indicator"] == indicator) & (f["level"] == "commune")].dropna(subset="value")
            for f in pair
        )
        period = then.merge(now, on=KEY)["period"].max()
        ranks = [
            f[f["period"] == period]
            .set_index("area_id")["value"]
            .rank(method="min", ascending=False)
            for f in (then, now)
        ]
        for area in ranks[0].index.intersection(ranks[1].index):
            if ranks[0][area] != ranks[1][area]:
                rows.append((indicator, area, period, ranks[0][area], ranks[1][area]))
    rows.sort(key=lambda row: (-abs(row[3] - row[4]), row[0], row[1]))
    frame = asked(
        {"observation": before}, {"observation": after}, comparison.ranks_changed("commune", 99)
    )
    assert [tuple(row) for row in frame.to_numpy().tolist()] == rows


def test_a_release_changes_nothing_against_itself(pair, asked):
    before, _ = pair
    tables = {"observation": before, "area": areas({"A": "Aurec"})}
    counted, moves, ranks, named = asked(
        tables,
        tables,
        comparison.values_changed(),
        comparison.largest_moves(99),
        comparison.ranks_changed("commune", 99),
        comparison.areas_changed(),
    )
    changed = ["added", "removed", "moved", "newly_suppressed", "no_longer_suppressed"]
    assert counted[changed].astype(int).to_numpy().sum() == 0
    assert moves.empty
    assert ranks.empty
    assert named.empty
