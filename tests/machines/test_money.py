"""Thousands of steps in any order: no fen, card, code or point is ever lost or doubled."""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.machines.machine import LONG, Money, steps

EXAMPLES, STEPS = (450, 60) if LONG else (60, 40)
WANTED = 20_000 if LONG else 500
SETTINGS = settings(
    max_examples=EXAMPLES,
    stateful_step_count=STEPS,
    deadline=None,
    database=None,
    print_blob=True,
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.timeout(1800)
def test_books_are_right_whatever_happens() -> None:
    steps.clear()
    run_state_machine_as_test(Money, settings=SETTINGS)
    assert steps["steps"] >= WANTED, steps
    print(dict(sorted(steps.items())))
