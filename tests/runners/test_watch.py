from __future__ import annotations

import pytest

from tartware_loadtest.runners.watch import Watch


def watch() -> Watch:
    return Watch(started=0.0, planned=100.0, grace=50.0, silence=30.0)


def test_an_engine_that_speaks_is_alive() -> None:
    subject = watch()
    for second in range(100):
        subject.observe(float(second), lines=second, load_began=second > 5, cpu=0.0)
        assert subject.complaint(float(second), 0.0) == ""


def test_silence_before_the_load_is_no_fault() -> None:
    subject = watch()
    subject.observe(0.0, lines=1, load_began=False, cpu=0.0)
    assert subject.complaint(149.0, 0.0) == ""


@pytest.mark.parametrize("cpu", [0.0, None])
def test_silence_under_load_is_hung(cpu: float | None) -> None:
    subject = watch()
    subject.observe(10.0, lines=1, load_began=True, cpu=cpu)
    assert subject.complaint(39.9, cpu) == ""
    assert "no sign of life for 30 s" in subject.complaint(40.0, cpu)


def test_silence_at_work_is_the_sorting_of_an_early_end() -> None:
    subject = watch()
    subject.observe(10.0, lines=1, load_began=True, cpu=3.0)
    assert subject.complaint(45.0, 20.0) == ""


def test_silence_after_the_planned_end_is_the_summary() -> None:
    subject = watch()
    subject.observe(10.0, lines=1, load_began=True, cpu=0.0)
    subject.observe(109.0, lines=2, load_began=True, cpu=0.0)
    assert subject.complaint(145.0, 0.0) == ""


def test_planned_time_counts_from_the_start_of_the_load() -> None:
    subject = watch()
    subject.observe(60.0, lines=1, load_began=True, cpu=0.0)
    subject.observe(200.0, lines=2, load_began=True, cpu=0.0)
    assert subject.complaint(210.0, 0.0) == ""
    assert "50 s after its planned end" in subject.complaint(210.1, 0.0)


def test_an_engine_whose_load_never_begins_is_hung() -> None:
    assert watch().complaint(150.1, 0.0)
