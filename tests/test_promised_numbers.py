"""The waits and limits that the pages promise are those of the program, and written down here once more.

The tests of the features count with the program's own numbers: they would follow a wrong one.
"""

from __future__ import annotations

import datetime as dt

import pytest

from automations.actions import ACTIONS
from automations.connectors import egress
from automations.messages import environment
from automations.models.access import action_rate_limit, browser_sessions, password_tokens
from automations.models.access.sign_in_throttle import LONGEST_WAIT
from automations.models.settings import log_retention
from automations.pipeline.delivery import circuit_breaker, poison_runs
from automations.pipeline.evaluation import loop_guard, quiet_hours
from automations.pipeline.intake import reading
from automations.pipeline.providers import causation_token
from automations.pipeline.runs import retry_schedule
from automations.worker import cleanup, recovery
from tests.kit.source import ROOT

MINUTE, HOUR, DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)

PROMISES = [
    (
        "actions.md",
        "tried again after 5 seconds, 30 seconds, 2 minutes, 10 minutes, 1 hour, 4 hours and 12 hours",
        retry_schedule.WAITS,
        (5, 30, 120, 600, 3_600, 14_400, 43_200),
    ),
    ("actions.md", "longer than 8 changes", loop_guard.DEPTH, 8),
    ("actions.md", "more than 200 actions", loop_guard.ACTIONS_PER_ROOT, 200),
    ("actions.md", "50 times for one record in 30 minutes", loop_guard.STARTS_PER_RECORD, 50),
    ("actions.md", "50 times for one record in 30 minutes", loop_guard.WINDOW, 30 * MINUTE),
    ("actions.md", "has to arrive within 15 seconds", egress.TIMEOUT, 15.0),
    ("actions.md", "its first 64 kB are kept", egress.LONGEST_ANSWER, 65_536),
    ("decisions/why-a-breaker-per-host.md", "After five failures in a row", circuit_breaker.FAILURES, 5),
    (
        "decisions/why-a-breaker-per-host.md",
        "after 30 seconds at first",
        circuit_breaker.FIRST_WAIT,
        MINUTE / 2,
    ),
    (
        "decisions/why-a-breaker-per-host.md",
        "up to 10 minutes later on",
        circuit_breaker.LONGEST_WAIT,
        10 * MINUTE,
    ),
    ("decisions/why-a-breaker-per-host.md", "whose worker died twice", poison_runs.SUSPECT_AFTER, 2),
    ("reliability.md", "whose worker was killed three times", poison_runs.MOST_DEATHS, 3),
    ("reliability.md", "after 20 seconds of silence", recovery.SILENT, 20.0),
    ("security.md", "by 1, 2, 4 seconds and at most a minute", LONGEST_WAIT, 60),
    ("security.md", "for seven days or one hour", password_tokens.LIFE[password_tokens.RESET], HOUR),
    ("api.md", "a list of up to 1,000", reading.MOST_AT_ONCE, 1_000),
    ("operations.md", "It is valid for 7 days", password_tokens.LIFE[password_tokens.INVITATION], 7 * DAY),
    (
        "operations.md",
        "a change that started nothing | 90 days",
        log_retention.USUAL[log_retention.NOTHING],
        90,
    ),
    ("operations.md", "idempotency keys of the API | 7 days", cleanup.KEYS_FOR, 7 * DAY),
    ("operations.md", "workflows of the workflow library | 2 days", cleanup.WORKFLOWS_FOR, 2 * DAY),
]


@pytest.mark.parametrize(("page", "words", "number", "promised"), PROMISES)
def test_a_number_that_a_page_promises_is_kept(
    page: str, words: str, number: object, promised: object
) -> None:
    assert words in " ".join((ROOT / "docs" / page).read_text(encoding="utf-8").split())
    assert number == promised


def test_numbers_that_no_page_names_are_changed_on_purpose() -> None:
    assert quiet_hours.USUAL == ("20:00", "08:00")
    assert (browser_sessions.IDLE, browser_sessions.LONGEST) == (12 * HOUR, 14 * DAY)
    assert sorted(action_rate_limit.MOST.values()) == [5, 5, 5, 30]
    assert causation_token.LASTS == DAY
    assert (environment.OUTPUT_LIMIT, environment.WORK_LIMIT) == (200_000, 50_000)
    assert (log_retention.USUAL[log_retention.UNSENT], log_retention.USUAL[log_retention.SENT]) == (
        365,
        1_825,
    )


def test_only_marketing_is_for_those_who_agreed() -> None:
    assert {key for key, action in ACTIONS.items() if action.marketing} == {"send_marketing"}
