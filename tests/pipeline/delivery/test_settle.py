"""What a finished run leaves: its attempt with the message as it was rendered."""

from __future__ import annotations

import pytest

from automations.models.db.base import db
from automations.models.tables.run import Attempt, Message
from tests.kit import shop
from tests.kit.doing import perform_due

pytestmark = pytest.mark.usefixtures("app")


def test_the_attempt_keeps_the_message_as_it_was_rendered_in_the_built_in_mailbox_too() -> None:
    shop.publish_automation("Thank you", "created", actions=[shop.email_to(message="For {{ order.note }}")])
    shop.place_order(customer_id=1, note="Monday")
    perform_due()
    db.session.rollback()
    (attempt,) = db.session.query(Attempt).all()
    assert (attempt.prepared["to"], attempt.prepared["body"]) == ("anna@grandhotel.example", "For Monday")
    assert (attempt.result, attempt.number, attempt.part) == ("sent", 1, 0)
    assert db.session.query(Message).one().body == attempt.prepared["body"]
