"""The demo's proposals: one in every state, and nothing of today changed by them."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from creditbank_plugin.cli.database import bring_up
from creditbank_plugin.cli.demo_committee import BY, USERS, Appointed, seed_group, seed_proposals
from creditbank_plugin.cli.demo_courses import demo_courses
from creditbank_plugin.cli.demo_seed import LMS_ISSUER, SCHOOL, seed_bank
from creditbank_plugin.cli.installation import engine_of, open_runtime
from creditbank_plugin.rules.proposal import STATES
from creditbank_plugin.rules.thai import bangkok_day
from creditbank_plugin.services.comparing import comparisons, proposal_views
from creditbank_plugin.settings import Settings


@dataclass
class Somebody:
    """A user of the demo's LMS."""

    id: int
    name_th: str


def test_every_state_of_a_proposal_can_be_looked_at(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, issuer=LMS_ISSUER, school=SCHOOL)
    runtime = open_runtime(settings, engine_of(f"sqlite:///{tmp_path / 'creditbank.db'}", make=True))
    bring_up(runtime)
    placed = seed_bank(runtime, demo_courses())
    users = {name: Somebody(number, name) for number, name in enumerate(USERS)}
    group = seed_group(runtime, [Appointed(f"user:{users[name].id}", name, role) for name, role in USERS.items()])
    in_force = Counter(row.ended_from for row in comparisons.comparisons(runtime, limit=10_000))
    assert set(in_force) == {None}
    for _ in range(2):
        seed_proposals(runtime, group, users, placed)
        seen = proposal_views.counts(runtime, by=BY)
        assert {state for state, number in seen.items() if number} == set(STATES)
        assert (seen["withdrawn"], seen["superseded"]) == (2, 1), "law that was withdrawn, and a draft taken back"
    today = bangkok_day(runtime.clock())
    for row in comparisons.comparisons(runtime, limit=10_000):
        assert row.ended_from is None or row.ended_from > today
    runtime.engine.dispose()
