"""Sources: whose signature it is, and what odd payloads say."""

from __future__ import annotations

import datetime as dt
import json
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automations.connectors.sources.all_sources import SOURCES
from automations.connectors.sources.delivery_dates import day_of, is_delivery_date
from automations.connectors.sources.payload import NotUnderstood
from automations.connectors.sources.shop_messages import NotTaken, ShopOrder, ShopRequest, Word
from automations.connectors.sources.shop_source import ShopSource, timed_signature
from tests.kit import shops

LONDON = ZoneInfo("Europe/London")
NOW = dt.datetime(2026, 11, 21, 13, 1, 6, tzinfo=dt.UTC)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_nothing_is_genuine_without_a_secret_or_a_signature(source: ShopSource) -> None:
    names = ("x-shopify-hmac-sha256", "x-wc-webhook-signature", "aftership-hmac-sha256")
    empty = dict.fromkeys((*names, "shippo-auth-signature"), "")
    signed = dict.fromkeys(names, shops.sign(b"{}", ""))
    assert not source.is_genuine(ShopRequest(b"{}", empty), ["key"], NOW)
    assert not source.is_genuine(ShopRequest(b"{}", {}), ["key"], NOW)
    assert not source.is_genuine(ShopRequest(b"{}", signed), [""], NOW)
    assert not source.is_genuine(ShopRequest(b"{}", signed), [], NOW)


def test_a_signed_time_that_is_more_than_five_minutes_off_is_refused() -> None:
    (case,) = [one for one in shops.EXPECTED["cases"] if one["deliveries"][0]["source"] == "shippo"]
    header, body = (
        case["deliveries"][0]["headers"]["Shippo-Auth-Signature"],
        shops.body_of(case["deliveries"][0]),
    )
    keys = [shops.SECRETS["shippo"]]
    assert timed_signature(header, body, keys, NOW)
    for minutes in (-6, 6):
        assert not timed_signature(header, body, keys, NOW + dt.timedelta(minutes=minutes))
    assert not timed_signature(header, body + b" ", keys, NOW)
    assert not timed_signature(header.replace("t=", "t=1"), body, keys, NOW)


@given(
    file=st.sampled_from(["shopify-order-paid.json", "woocommerce-processing.json"]),
    changes=st.dictionaries(
        st.sampled_from(sorted(shops.payload("shopify-order-paid.json"))), JSON, max_size=4
    ),
)
def test_any_value_anywhere_is_read_or_refused_with_a_sentence(file: str, changes: dict[str, object]) -> None:
    source = SOURCES[file.partition("-")[0]]
    body = json.dumps({**shops.payload(file), **changes}).encode()
    try:
        source.read(ShopRequest(body))
    except NotUnderstood as error:
        assert str(error)


@pytest.mark.parametrize(
    ("changes", "status", "ours"),
    [
        ({"confirmed": False}, "unconfirmed", "status=unconfirmed"),
        ({"fulfillment_status": "fulfilled"}, "fulfilled", "status=fulfilled"),
        ({"fulfillment_status": "partial"}, "partial", "status=confirmed"),
        ({"cancelled_at": "2026-11-21T10:00:00Z"}, "cancelled", "status=cancelled"),
    ],
)
def test_what_shopify_calls_the_state_of_an_order(changes: dict[str, object], status: str, ours: str) -> None:
    word = _word("status", **changes)
    assert (word.said, word.ours) == (status, (ours,))


def test_restocked_and_unheard_of_states_mean_nothing_by_themselves() -> None:
    for status in ("restocked", "on_hold"):
        assert _word("status", fulfillment_status=status).ours == ()


def _word(kind: str, **changes: object) -> Word:
    message = SOURCES["shopify"].read(
        ShopRequest(json.dumps(shops.payload("shopify-order-paid.json", **changes)).encode())
    )
    assert isinstance(message, ShopOrder)
    return next(word for word in message.words if word.kind == kind)


@pytest.mark.parametrize(
    ("locale", "language"), [("de", "de"), ("de_at", "de-AT"), ("zh-Hant-TW", "zh-TW"), ("", None), (7, None)]
)
def test_what_language_a_buyer_read_shopify_in_is_theirs(locale: object, language: str | None) -> None:
    body = json.dumps(shops.payload("shopify-order-paid.json", customer_locale=locale)).encode()
    message = SOURCES["shopify"].read(ShopRequest(body))
    assert isinstance(message, ShopOrder) and message.customer
    assert message.customer.parts.get("language") == language


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2026-11-24", dt.date(2026, 11, 24)),
        ("2026/11/25", dt.date(2026, 11, 25)),
        ("03/04/2026", dt.date(2026, 4, 3)),
        ("13.12.2026", dt.date(2026, 12, 13)),
        ("12/24/2026", dt.date(2026, 12, 24)),
        ("24 November 2026", dt.date(2026, 11, 24)),
        ("Tuesday, 24th November, 2026", dt.date(2026, 11, 24)),
        ("Nov 24, 2026", dt.date(2026, 11, 24)),
        ("2026-11-24T23:30:00-05:00", dt.date(2026, 11, 25)),
        ("2026-11-24T23:30:00", dt.date(2026, 11, 24)),
        ("tomorrow", None),
        ("31/02/2026", None),
        ("", None),
    ],
)
def test_a_day_is_read_as_shops_write_it(written: str, day: dt.date | None) -> None:
    assert day_of(written, LONDON, month_first=False) == day


def test_the_month_may_come_first() -> None:
    assert day_of("03/04/2026", LONDON, month_first=True) == dt.date(2026, 3, 4)


@pytest.mark.parametrize("name", ["Delivery Date", "delivery-date", "_delivery_date", "Pickup-Date"])
def test_names_of_delivery_dates_are_known_in_any_spelling(name: str) -> None:
    assert is_delivery_date(name)
    assert not is_delivery_date("gift_wrap")


@pytest.mark.parametrize(
    ("kind", "header", "topic", "sentence"),
    [
        ("shopify", "x-shopify-topic", "orders/create", "what it holds is no order, refund or customer."),
        ("shopify", "x-shopify-topic", "products/update", "only orders, refunds and customers are accepted."),
        ("woocommerce", "x-wc-webhook-topic", "order.created", "what it holds is no order or customer."),
        ("woocommerce", "x-wc-webhook-topic", "coupon.created", "only orders and customers are accepted."),
    ],
)
def test_what_only_its_topic_calls_an_order_is_named_as_what_it_is(
    kind: str, header: str, topic: str, sentence: str
) -> None:
    message = SOURCES[kind].read(ShopRequest(b'{"id": 9, "name": "#78"}', {header: topic}))
    assert message == NotTaken(f"“{topic}” is ignored: {sentence}")
