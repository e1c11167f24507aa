"""Ten thousand synthetic runs of known truth: the judge may abstain, it must never be wrong.

The truth is computed here from whole numbers, by other means than the judge's.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from random import Random

import pytest

from tartware_loadtest.config.file import builtin
from tartware_loadtest.results.measurements import Share
from tartware_loadtest.verdict.facts import Circumstances, Facts
from tartware_loadtest.verdict.judge import Verdict, VerdictState, judge

RUNS = 10_000
LATENCY = "command_duration_ms p95 < 500ms"


@dataclass(frozen=True)
class World:
    """What really happened: every offered command is good, slow or failed, seen or not."""

    offered: int
    seen: int
    seen_slow: int
    seen_failed: int
    hidden_slow: int
    hidden_failed: int
    cause: str

    @property
    def hidden(self) -> int:
        return self.offered - self.seen

    def truth(self) -> VerdictState:
        if self.cause == "target":
            # What a healthy generator could not send is the target's doing: slow and failed, all of it.
            slow, failed = self.seen_slow + self.hidden, self.seen_failed + self.hidden
            carried = 100 * self.seen >= 99 * self.offered
        else:
            slow, failed = self.seen_slow + self.hidden_slow, self.seen_failed + self.hidden_failed
            carried = True
        good = 20 * slow < self.offered and 20 * failed < self.offered and carried
        return VerdictState.PASS if good else VerdictState.FAIL

    def decidable(self) -> bool:
        """Whether the seen part alone decides, whatever the hidden part was."""
        if self.cause == "target":
            return True
        worst = (self.seen_slow + self.hidden, self.seen_failed + self.hidden)
        best = (self.seen_slow, self.seen_failed)
        carried = 100 * self.seen >= 99 * self.offered
        worst_good = all(20 * bad < self.offered for bad in worst) and carried
        best_good = all(20 * bad < self.offered for bad in best)
        return worst_good == best_good


def draw_world(random: Random) -> World:
    offered = random.randint(100, 50_000)
    hidden = random.choice([0, 0, random.randint(0, offered // 12)])
    seen = offered - hidden

    def near_the_limit(total: int) -> int:
        return min(total, max(0, round(total * random.uniform(0.03, 0.07)) + random.randint(-2, 2)))

    failed = random.choice([0, near_the_limit(seen)])
    slow = min(seen - failed, random.choice([0, near_the_limit(seen)]))
    hidden_slow = random.choice([0, hidden, random.randint(0, hidden)])
    hidden_failed = random.choice([0, hidden - hidden_slow, random.randint(0, hidden - hidden_slow)])
    cause = random.choice(["target", "generator", "lost shard"])
    return World(offered, seen, slow, failed, hidden_slow, hidden_failed, cause)


def see(world: World) -> Verdict:
    """Judge what k6 would have counted of a world."""
    probe = {95.0: 90.0, 99.9: 210.0} if world.cause == "generator" else {95.0: 2.0, 99.9: 6.0}
    slow_share = world.seen_slow / max(1, world.seen)
    facts = Facts(
        commands={"guest.register": Share(world.seen - world.seen_failed, world.seen)},
        missing_commands={"guest.register": world.hidden} if world.hidden else {},
        offered_commands=float(world.offered),
        slow={LATENCY: Share(world.seen_slow, world.seen)},
        percentiles={"command_duration_ms p95": (900.0, 900.0) if slow_share >= 0.05 else (300.0, 300.0)},
        reads=Share(1_000, 1_000),
        failed_requests=Share(world.seen_failed, world.seen),
        whole_run=Share(world.seen - world.seen_failed, world.seen),
        rejections={"5xx": {"guest.register": world.seen_failed}},
        dropped=world.hidden if world.cause != "lost shard" else 0,
        probe=probe,
        probe_samples=200,
    )
    lost = ("pod 3 was evicted",) if world.cause == "lost shard" and world.hidden else ()
    return judge(facts, builtin().slos, Circumstances(canaries_passed=True, lost=lost))


@pytest.mark.parametrize("seed", range(4))
def test_no_synthetic_run_is_judged_against_its_truth(seed: int) -> None:
    random = Random(seed)
    tally: Counter[tuple[str, str]] = Counter()
    for _ in range(RUNS // 4):
        world = draw_world(random)
        verdict, truth = see(world).state, world.truth()
        tally[truth.value, verdict.value] += 1
        assert verdict in {truth, VerdictState.INVALID}, world
        assert (verdict is VerdictState.INVALID) == (not world.decidable()), world

    # The runs are drawn around the limits: both truths and abstentions must have been tried in numbers.
    assert tally["PASS", "PASS"] > 100
    assert tally["FAIL", "FAIL"] > 100
    assert tally["PASS", "INVALID"] + tally["FAIL", "INVALID"] > 100


def test_noise_of_the_generator_never_turns_a_good_target_into_a_fail() -> None:
    random = Random(7)
    states: Counter[str] = Counter()
    for _ in range(400):
        count = 600
        slow_truth = random.uniform(0.0, 0.049)
        noise_share, noise_ms = random.uniform(0.0, 0.08), random.uniform(50, 400)
        # An exact number of slow answers, so that the truth is known and good.
        latencies = [700.0] * int(slow_truth * count) + [
            random.uniform(100, 499) for _ in range(count - int(slow_truth * count))
        ]
        observed = sorted(
            true + (random.uniform(0, noise_ms) if random.random() < noise_share else 0.5)
            for true in latencies
        )
        slow = sum(one >= 500 for one in observed)
        p95 = observed[int(0.95 * (count - 1))]
        facts = Facts(
            commands={"guest.register": Share(count, count)},
            offered_commands=float(count),
            slow={LATENCY: Share(slow, count)},
            percentiles={"command_duration_ms p95": (p95, p95)},
            reads=Share(100, 100),
            failed_requests=Share(0, count),
            whole_run=Share(count, count),
            probe={95.0: noise_ms if noise_share >= 0.05 else 1.0, 99.9: noise_ms},
            probe_samples=1_000,
        )
        states[judge(facts, builtin().slos, Circumstances(canaries_passed=True)).state.value] += 1

    assert states["FAIL"] == 0
    assert states["PASS"] > 50
    assert states["INVALID"] > 10
