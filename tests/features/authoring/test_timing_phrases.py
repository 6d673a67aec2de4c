"""The timing and the limits of actions are checked; what means nothing is refused."""

from __future__ import annotations

from typing import Any

import pytest

from automations.engine.fields.subjects import SUBJECTS
from automations.features.authoring.timing_phrases import caps_problems, timing_problems

AFTER = {"when": "after", "amount": "2", "unit": "hours", "recheck": True}


def _of_timing(**changed: Any) -> list[tuple[str, str]]:
    found = timing_problems(SUBJECTS["order"], AFTER | changed)
    return [(problem.path, problem.sentence) for problem in found]


def test_a_timing_that_says_something_unknown_is_refused() -> None:
    assert _of_timing() == []
    unknown = ("timing.repeat_every", "There is no setting “repeat_every” here; leave it out.")
    assert _of_timing(repeat_every="2") == [unknown]


@pytest.mark.parametrize("name", ["per_day", "once"])
def test_a_limit_that_does_not_exist_is_refused(name: str) -> None:
    assert list(caps_problems({"per_hour": 2})) == []
    (problem,) = caps_problems({name: 2})
    assert problem.path == f"caps.{name}" and "leave it out" in problem.sentence
