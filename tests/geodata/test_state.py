from geodata import state
from geodata.model import Issue, Severity
from geodata.queries import refreshes

ISSUE = Issue(
    "insee_births", Severity.REJECT, "truncated", "coupé", "cut", file="b.csv", line=9, column="v"
)


def test_a_run_and_its_issues_are_read_back(tmp_path):
    engine = state.state_engine(tmp_path)
    run_id = state.start_run(engine, 42)
    state.end_run(engine, run_id, "rejected", message="no", issues=[ISSUE])
    runs = refreshes.runs(engine)
    assert runs["outcome"].tolist() == ["rejected"]
    assert state.issues_of(refreshes.run_issues(engine, run_id)) == [ISSUE]
    engine.dispose()


def test_a_run_cut_short_is_marked_when_the_next_begins(tmp_path):
    engine = state.state_engine(tmp_path)
    state.start_run(engine, 1)
    state.start_run(engine, 2)
    assert refreshes.runs(engine)["outcome"].tolist() == ["running", "interrupted"]
    engine.dispose()
