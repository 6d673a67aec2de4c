"""Every kind of entry that the audit can hold reads as a sentence, with what was before and after."""

from __future__ import annotations

import re
from typing import Any

import pytest

from automations.models.access.audit import MASKED
from automations.models.db.base import db
from automations.models.tables.people import Audit
from automations.web.log.audit_phrases import actor, done_words
from tests.kit.audit_actions import NAMED, written_actions
from tests.kit.pages.request_examples import EXAMPLES
from tests.web.test_everything_is_audited import World, world

__all__ = ["world"]
CODE = re.compile(r"\w: \w|_|\['|\{|\bNone\b|\bTrue\b|\bFalse\b")
THANKS = "automation “Thanks”"
TILL = "the API key “Till”"
#: (action, about, before, after) -> the end of the sentence.
SENTENCES: tuple[tuple[str, str, Any, Any, str], ...] = (
    ("renamed", THANKS, "Thanks", "Thank you", "renamed automation “Thanks” to “Thank you”"),
    ("undid renaming", "account “B”", "B", "A", "undid renaming account “A” to “B”"),
    (
        "changed",
        "order 7",
        {"note": None, "payment status": "Unpaid"},
        {"note": None, "payment status": "Paid"},
        "changed the payment status of order 7 from Unpaid to Paid and the note",
    ),
    (
        "undid a change of",
        "order 7",
        {"status": "Paid", "total": "£5.00"},
        {"status": "Unpaid", "total": None},
        "undid a change of the status of order 7 from Unpaid to Paid and the total from nothing to £5.00",
    ),
    (
        "changed",
        "email server",
        {"host": None, "security": "starttls"},
        {"host": "mail.example", "security": "tls", "password": "a new one"},
        "changed the host name of the email server from nothing to mail.example and the encryption from "
        "STARTTLS to TLS and gave it a new password",
    ),
    ("changed", "EasyPost settings", None, {"token": MASKED}, "gave the EasyPost settings a new token"),
    ("changed", "the look of emails", {"on": True}, {"on": False}, "switched off the look of emails"),
    ("changed", "order 7", None, ["payment_status"], "changed the payment status of order 7"),
    (
        "changed",
        "how long the log is kept",
        {"nothing": 90, "sent": 365},
        {"nothing": 30, "sent": 0},
        "changed how long the log keeps what no automation fired on from 90 days to 30 days and what was "
        "sent or done from 365 days to for ever",
    ),
    ("changed role", "Rosa", "manager", "viewer", "changed the role of Rosa from manager to viewer"),
    ("invited", "Zoë", None, {"role": "viewer"}, "invited Zoë as viewer"),
    ("grouped", THANKS, "A", "", "took automation “Thanks” out of the group “A”"),
    ("grouped", THANKS, "A", "B", "moved automation “Thanks” from the group “A” to “B”"),
    ("moved up", "“Picked” in order statuses", None, None, "moved up “Picked” in order statuses"),
    ("paused", THANKS, None, "It fired 101 times.", "paused automation “Thanks”. It fired 101 times."),
    ("tried", "automation “”", None, {"on": "N-22"}, "tried an automation without a name on N-22"),
    ("published", THANKS, None, None, "published automation “Thanks”"),
    (
        f"published version {NAMED} of",
        THANKS,
        None,
        {"rule": "Every time an order is created, email the customer."},
        "published version … of automation “Thanks”: “Every time an order is created, email the customer”",
    ),
    (
        f"applied the file {NAMED} to",
        THANKS,
        {"rule": "Every day, send an SMS."},
        {"rule": "Every day, email them."},
        "applied the file … to automation “Thanks”, from “Every day, send an SMS” to “Every day, email them”",
    ),
    (
        "changed",
        "the working hours",
        {"Monday": "closed", "quiet": "20:00–08:00"},
        {"Monday": "09:00–18:00", "quiet": "none"},
        "changed the hours of Monday from closed to 09:00–18:00 and the quiet hours of marketing from "
        "20:00–08:00 to none",
    ),
    (
        "changed",
        "email server",
        {"host": "mail.example", "username": None},
        {"host": "smtp.example", "username": ""},
        "changed the host name of the email server from mail.example to smtp.example",
    ),
    (
        "changed",
        "the segment “Best”",
        {"conditions": "their tags include newsletter and their marketing consent is given"},
        {"conditions": "their tags include vip"},
        "changed the conditions of the segment “Best” from “their tags include newsletter and their "
        "marketing consent is given” to “their tags include vip”",
    ),
    (
        "added",
        "the segment “Best”",
        None,
        {"conditions": "none"},
        "added the segment “Best” without conditions",
    ),
    (
        "created",
        "API key “Till”",
        None,
        {"scope": "read write deliveries:write", "until": "1 May 2027"},
        "created the API key “Till”, which may read records, change records and change deliveries, until "
        "1 May 2027",
    ),
    (
        "set broken examples aside to publish",
        THANKS,
        None,
        {"reason": "New rules", "examples": ["Order 1"]},
        "set 1 broken example aside to publish automation “Thanks”, because “New rules” (Order 1)",
    ),
    (
        "decided for the shop about",
        "order 1: payment_status",
        None,
        None,
        "decided for the shop about the payment status of order 1",
    ),
    (
        "did not take a message about",
        "order 7",
        None,
        {"from": "Web", "type": "order.gone"},
        "did not take a message about order 7 from “Web”, which was of the type “order.gone”",
    ),
    (
        "mapped fields of",
        "the connection “Web”: Total",
        "sum",
        "total",
        "filled Total from “total” in the messages of the connection “Web”, no longer from “sum”",
    ),
    (
        "mapped words of",
        "the connection “Web”: on hold",
        "status=new",
        "status=picked_up",
        "let the word “on hold” in the messages of the connection “Web” mean the status “picked up”, "
        "no longer the status “new”",
    ),
    (
        "started",
        "import 1",
        None,
        {"known": "leave", "fires": False},
        "started import 1, leaving what is known already, without automations",
    ),
    (
        "started",
        "import 1",
        None,
        {"known": "change", "fires": False, "to_add": 1200, "to_change": 0},
        "started import 1, adding 1,200, without automations",
    ),
    (
        "started",
        "import 1",
        None,
        {"known": "leave", "fires": True, "to_add": 2, "to_change": 3},
        "started import 1, adding 2 and leaving 3 as they were, with automations",
    ),
    (
        "set when to hold",
        THANKS,
        {"limit": 40, "off": None},
        {"limit": None, "off": None},
        "let automation “Thanks” be held by its past, no longer after 40 firings in an hour",
    ),
    (
        "set when to hold",
        THANKS,
        {"limit": None, "off": None},
        {"limit": None, "off": "Big sale."},
        "let automation “Thanks” never be held. Big sale.",
    ),
    (
        "sent a link",
        "invitation to rosa@bloom.example: kept in the mailbox",
        None,
        None,
        "sent the link of an invitation to rosa@bloom.example. Kept in the mailbox",
    ),
    ("sent a test of", THANKS, None, "No server.", "sent a test of automation “Thanks”. No server."),
    (
        "tried to sign in",
        "eve@x.example was refused",
        None,
        {"from": "127.0.0.1"},
        "tried to sign in from 127.0.0.1, and eve@x.example was refused",
    ),
    ("took back skipping", "run 7", None, None, "took back skipping run 7"),
    ("took the tick from", "entry 1 of task 7", None, None, "took the tick from entry 1 of task 7"),
    (
        "was told by EasyPost",
        "tracking number “J1”, which no order has",
        None,
        "delivered",
        "was told by EasyPost about tracking number “J1”, which no order has, that its status is delivered",
    ),
    (
        f"was told by {NAMED} about",
        "tracking number “J1”, which no order has",
        None,
        "in_transit",
        "was told by … about tracking number “J1”, which no order has, that its status is in transit",
    ),
)
#: Kinds whose sentence is what was done and what it was done to.
PLAIN = (
    "ended the days in shadow mode of",
    "ended without a decision the shadow mode of",
    "removed from the team",
    "replaced",
    f"restored version {NAMED} to the draft of",
    "undid archiving",
    "undid changes to",
    "undid switching off",
    "undid switching on",
    "was given a new password by a command",
)


def words_of(action: str, about: str, before: Any = None, after: Any = None) -> str:
    return done_words(Audit(action=action, about=about, before=before, after=after))


@pytest.mark.parametrize(("action", "about", "before", "after", "sentence"), SENTENCES)
def test_an_entry_is_a_sentence(action: str, about: str, before: Any, after: Any, sentence: str) -> None:
    assert words_of(action, about, before, after) == sentence


def test_who_did_it_is_named_also_if_it_was_a_key() -> None:
    by_key = Audit(action="tried again", about="run 1", before={"state": "failed"})
    by_key.after = {"state": "waiting", "by": TILL}
    assert f"{actor(by_key)} {done_words(by_key)}" == "The API key “Till” tried run 1 again, which had failed"
    assert actor(Audit(action="paused", about=THANKS)) == "The program"


def test_a_long_value_is_cut() -> None:
    assert words_of("changed", "the store", {"name": "A"}, {"name": "x" * 300}).endswith("…")


@pytest.mark.slow
def test_every_kind_that_the_code_can_write_reads_as_a_sentence(world: World) -> None:
    for endpoint in EXAMPLES:
        world.send(endpoint)
    db.session.rollback()
    rows = db.session.query(Audit).all()
    sentences = {row.action: done_words(row) for row in rows}
    clean = [*(done_words(row) for row in rows), *(sentence for *_, sentence in SENTENCES)]
    clean += [words_of(action, THANKS) for action in PLAIN]
    assert [sentence for sentence in clean if CODE.search(re.sub("“[^”]*”", "", sentence))] == []
    shown = {action.replace(NAMED, "…") for action, *_ in SENTENCES} | set(PLAIN)
    known = [re.escape(action).replace(re.escape(NAMED), ".+") for action in written_actions()]
    seen = sentences.keys() | shown
    unseen = [pattern for pattern in known if not any(re.fullmatch(pattern, action) for action in seen)]
    assert unseen == [], "show these kinds in SENTENCES"
    assert len(known) > 100
