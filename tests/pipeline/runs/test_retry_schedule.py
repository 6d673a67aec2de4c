from __future__ import annotations

import datetime as dt

import pytest

from automations.pipeline.runs.retry_schedule import next_try
from tests.world import NOW

#: As docs/actions.md promises: 5 and 30 seconds, 2 and 10 minutes, 1, 4 and 12 hours.
WAITS = (5, 30, 120, 600, 3_600, 14_400, 43_200)


@pytest.mark.parametrize(("tries", "wait"), list(enumerate(WAITS, start=1)))
@pytest.mark.parametrize(("chance", "share"), [(0.0, 0.9), (0.5, 1.0), (1.0, 1.1)])
def test_each_wait_is_within_a_tenth_of_the_schedule(
    tries: int, wait: int, chance: float, share: float
) -> None:
    assert next_try(NOW, tries, None, chance) == NOW + dt.timedelta(seconds=wait * share)


def test_there_is_no_next_try_after_the_last_wait() -> None:
    assert next_try(NOW, 8, None, 0.5) is None


def test_a_provider_can_lengthen_a_wait_but_not_shorten_it() -> None:
    assert next_try(NOW, 1, 90, 0.5) == NOW + dt.timedelta(seconds=90)
    assert next_try(NOW, 1, 1, 0.5) == NOW + dt.timedelta(seconds=5)


def test_a_provider_cannot_ask_for_a_wait_longer_than_a_day() -> None:
    assert next_try(NOW, 1, 10**9, 0.5) == NOW + dt.timedelta(days=1)
