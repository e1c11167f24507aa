from __future__ import annotations

import pytest

from tartware_loadtest.runners.interface import Progress
from tartware_loadtest.runners.progress import ProgressReader, Stage, parse_duration, parse_running

# As k6 2.2.0 prints it for three scenarios after a setup() of 1.2 s.
SEVERAL = """
Run    [ 100% ] setup()
a      [   0% ]
b      [   0% ]

running (00m01.7s), 0002/1507 VUs, 2 complete and 0 interrupted iterations
a      [  15% ] 0000/1500 VUs  0.5s/3s         01.29 iters/s
c      [  33% ] 2 VUs          00m00.5s/10m0s  2/6 iters, 3 per VU
b    • [   0% ] waiting        1.5s

running (00m03.7s), 0005/1507 VUs, 15 complete and 0 interrupted iterations
a      [  82% ] 0002/1500 VUs  2.5s/3s         07.96 iters/s
c    ✓ [ 100% ] 2 VUs          00m00.9s/10m0s  6/6 iters, 3 per VU
b      [  23% ] 3/5 VUs        0.5s/2s         10.00 iters/s

running (00m05.5s), 0000/1507 VUs, 41 complete and 3 interrupted iterations
a    ✓ [ 100% ] 0000/1500 VUs  3s              09.83 iters/s
"""


def feed(text: str) -> ProgressReader:
    reader = ProgressReader("127.0.0.1:6565")
    for line in text.splitlines():
        reader.feed(line)
    return reader


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("05.0s", 5.0),
        ("0m05.0s", 5.0),
        ("20m00.1s", 1200.1),
        ("4h05m00.0s", 14700.0),
        ("1d02h03m04.5s", 93784.5),
        ("10m0s", 600.0),
    ],
)
def test_durations_of_every_length_are_read(text: str, seconds: float) -> None:
    assert parse_duration(text) == pytest.approx(seconds)


def test_running_line_is_read() -> None:
    line = "running (4h00m05.0s), 0010/0050 VUs, 45 complete and 2 interrupted iterations"
    assert parse_running(line) == Progress(14405.0, vus=10, max_vus=50, completed=45, interrupted=2)


@pytest.mark.parametrize(
    "line",
    ["", "running", "running (soon), 1/2 VUs", "a [ 25% ] 0/5 VUs  1.0s/4s  10.00 iters/s", "running (1.0s)"],
)
def test_other_lines_are_no_progress(line: str) -> None:
    assert parse_running(line) is None


def test_time_of_setup_is_not_time_of_load() -> None:
    reader = feed(SEVERAL)
    assert reader.last == Progress(4.3, 0, 1507, 41, 3, api="127.0.0.1:6565")
    assert reader.stage is Stage.RUNNING


def test_first_progress_already_knows_when_the_load_began() -> None:
    reader = feed("\n".join(SEVERAL.splitlines()[:7]))
    assert reader.last is not None
    assert reader.last.elapsed_seconds == 0.5


def test_stages_are_followed() -> None:
    reader = ProgressReader()
    assert reader.stage is Stage.STARTING
    for line, stage in [
        ("Init   [  10% ] 130/1507 VUs initialized", Stage.STARTING),
        ("Run    [ 100% ] setup()", Stage.SETUP),
        ("running (01.0s), 0/5 VUs, 1 complete and 0 interrupted iterations", Stage.RUNNING),
        ("Run    [ 100% ] teardown()", Stage.TEARDOWN),
    ]:
        reader.feed(line)
        assert reader.stage is stage


def test_scenario_with_a_name_like_a_stage_changes_nothing() -> None:
    reader = feed("running (01.0s), 0/5 VUs, 1 complete and 0 interrupted iterations")
    reader.feed("Init      [  25% ] 0/5 VUs  1.0s/4s  10.00 iters/s")
    assert reader.stage is Stage.RUNNING
