"""Who decided what of a release, and why."""

from __future__ import annotations

from geodata.state import Engine, now, writing
from geodata.state_schema import review


def write_review(
    engine: Engine, release_id: str, decision: str, decided_by: str, reason: str
) -> None:
    """Put down a decision: approved, refused or rolled_back."""
    with writing(engine) as connection:
        connection.execute(
            review.insert().values(
                release_id=release_id,
                decision=decision,
                decided_by=decided_by,
                decided_at=now(),
                reason=reason,
            )
        )
