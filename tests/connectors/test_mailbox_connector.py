from __future__ import annotations

from automations.connectors.connector_set import Connectors
from automations.connectors.contacts import EmailContact
from automations.connectors.email_message import OutgoingEmail


def test_the_mailbox_is_the_default_and_keeps_what_it_is_given() -> None:
    email = OutgoingEmail(EmailContact("a@x.example"), EmailContact("b@x.example"), "Hello", "Text", "run-1")
    connector = Connectors().email
    assert connector.key == "mailbox"
    assert connector.send(email).detail == "kept here, because no mail server is set up"
