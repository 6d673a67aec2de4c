"""Whatever comes to the addresses of webhooks: only the genuine message passes, and reading never fails."""

from __future__ import annotations

import contextlib
import datetime as dt

import pytest
import time_machine
from hypothesis import example, given, settings
from hypothesis import strategies as st
from standardwebhooks import Webhook

from automations.connectors import easypost, standard_webhooks
from automations.connectors.plain_text import one_line
from automations.connectors.standard_webhooks import HEADERS, is_genuine
from automations.pipeline.intake import reading
from tests.kit.hostile.any_json import BODIES
from tests.web.api.test_inbound_webhooks import SECRET
from tests.world import NOW

#: Ten thousand in all.
FORGED, TIMED, READ, CARRIED = 3000, 4000, 2000, 1000
AT, EDGE = int(NOW.timestamp()), 300
BODY = b'{"type": "order.created", "data": {"number": "W-1"}}'
IDS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=40)
WORDS = st.text(max_size=40) | st.sampled_from(
    ["", "msg_1", str(AT), f"{AT}.0", f"+{AT}", "9" * 12, "9" * 5000]
)
SIGNATURES = st.lists(
    st.text(max_size=20) | st.sampled_from(["v1,", "v1", "v1,AAAA", "v1,=", "v2,AAAA", "v1,\ud800", "v1,é"])
).map(" ".join)


def signed(body: bytes, at: int, id: str = "msg_1") -> dict[str, str]:
    moment = dt.datetime.fromtimestamp(at, dt.UTC)
    return dict(zip(HEADERS, (id, str(at), Webhook(SECRET).sign(id, moment, body.decode())), strict=True))


GENUINE = signed(BODY, AT)
FROZEN = time_machine.travel(NOW, tick=False)


def test_there_are_ten_thousand() -> None:
    assert FORGED + TIMED + READ + CARRIED >= 10_000


@pytest.mark.slow
@given(
    body=st.just(BODY) | st.binary(max_size=100) | BODIES,
    headers=st.fixed_dictionaries({name: WORDS | SIGNATURES | st.just(GENUINE[name]) for name in HEADERS}),
    left_out=st.sets(st.sampled_from(HEADERS), max_size=1),
)
@example(body=BODY, headers=GENUINE, left_out=set())
@settings(max_examples=FORGED)
def test_only_the_genuine_message_passes(body: bytes, headers: dict[str, str], left_out: set[str]) -> None:
    sent = {name: text for name, text in headers.items() if name not in left_out}
    genuine = body == BODY and all(sent.get(name) == GENUINE[name] for name in HEADERS[:2])
    genuine &= GENUINE[HEADERS[2]] in sent.get(HEADERS[2], "").split(" ")
    with FROZEN:
        assert is_genuine(body, sent, [SECRET]) == genuine


@pytest.mark.slow
@given(id=IDS, body=st.text(st.characters(codec="utf-8"), max_size=60), late=st.integers(-1000, 1000))
@settings(max_examples=TIMED)
def test_any_signed_message_counts_for_five_minutes(id: str, body: str, late: int) -> None:
    headers = signed(body.encode(), AT - late, id)
    with FROZEN:
        assert is_genuine(body.encode(), headers, [SECRET]) == (abs(late) <= EDGE)
        assert not is_genuine(body.encode() + b" ", headers, [SECRET])


@pytest.mark.slow
@given(body=BODIES)
@settings(max_examples=READ)
def test_a_body_is_read_or_refused(body: bytes) -> None:
    with contextlib.suppress(
        standard_webhooks.NotAWebhookEvent, reading.RequestNotJson, reading.IntakeRefused
    ):
        sent = standard_webhooks.read(body)
        assert sent.subject in ("", "order", "event", "customer")
        if sent.subject:
            assert isinstance(reading.read_json(sent.record), dict)


@pytest.mark.slow
@given(body=BODIES, signature=WORDS | SIGNATURES)
@settings(max_examples=CARRIED)
def test_any_carrier_webhook_is_read_or_refused(body: bytes, signature: str) -> None:
    assert not easypost.is_genuine(body, signature, SECRET)
    with contextlib.suppress(easypost.NotAnEasyPostEvent):
        event = easypost.read(body)
        assert all(one_line(text, 200) == text for text in (event.id, event.tracking_number, event.status))
