"""The timing and the limits of actions are checked; what means nothing is refused."""

from __future__ import annotations

from typing import Any

import pytest

from automations.engine.fields.subjects import SUBJECTS
from automations.engine.wording.formats import BRITISH
from automations.features.authoring.timing_phrases import caps_problems, timing_problems, timing_words

AFTER = {"when": "after", "amount": "2", "unit": "hours", "recheck": True}


def _of_timing(**changed: Any) -> list[tuple[str, str]]:
    found = timing_problems(SUBJECTS["order"], AFTER | changed)
    return [(problem.path, problem.sentence) for problem in found]


def test_a_timing_that_says_something_unknown_is_refused() -> None:
    assert _of_timing() == []
    unknown = ("timing.repeat_every", "There is no setting “repeat_every” here; leave it out.")
    assert _of_timing(repeat_every="2") == [unknown]


def test_how_late_an_action_may_be_is_checked_and_said() -> None:
    date = {"when": "date", "field": "delivery_date", "direction": "before", "amount": "1", "unit": "days"}
    asked = date | {"late": "send", "late_within": "5", "late_unit": "hours"}
    words = " 1 day before its delivery date, or at once if at most 5 hours late"
    assert timing_words(SUBJECTS["order"], asked, BRITISH) == words
    assert list(timing_problems(SUBJECTS["order"], asked)) == []
    (problem,) = timing_problems(SUBJECTS["order"], asked | {"late_within": "745"})
    assert problem.path == "timing.late_within" and "from 1 to 744" in problem.sentence


@pytest.mark.parametrize("name", ["per_day", "once"])
def test_a_limit_that_does_not_exist_is_refused(name: str) -> None:
    assert list(caps_problems({"per_hour": 2})) == []
    (problem,) = caps_problems({name: 2})
    assert problem.path == f"caps.{name}" and "leave it out" in problem.sentence
