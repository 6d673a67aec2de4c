"""The line is passed step by step, in one order; tests kill the program at each of these places."""

from __future__ import annotations

import pytest

from automations.faults import crash
from tests.kit import shop
from tests.kit.doing import perform_due

pytestmark = pytest.mark.usefixtures("app")


def test_the_places_where_tests_kill_the_program_are_passed_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    passed: list[str] = []
    monkeypatch.setattr(crash, "at", passed.append)
    shop.publish_automation("Book", "created", actions=[shop.email_to()])
    shop.place_order(customer_id=1)
    perform_due()
    of_the_line = [name for name in passed if name.split(".")[0] not in ("write", "smtp")]
    assert of_the_line == [
        "receive.rows_written",
        "outbox.occurrences_written",
        "outbox.evaluations_written",
        "receive.outbox_written",
        "claim.begun",
        "claim.marked",
        "claim.committed",
        "attempt.prepared",
        "send.begun",
        "send.ended",
        "perform.done",
        "record.begun",
        "record.effects_written",
        "record.settled",
        "record.written",
    ]
