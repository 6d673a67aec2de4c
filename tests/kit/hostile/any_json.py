"""Request bodies for any program to send: JSON, near-JSON, and arbitrary bytes."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from automations.pipeline.intake.record_schema import FIELDS

#: Values on which JSON parsers differ, as they stand in a body.
ODD = (
    *(
        "NaN",
        "-Infinity",
        "1e999",
        "-0",
        "1" * 400,
        "9" * 5000,
        '"\\ud800"',
        '"\\u0000"',
        '"\\u202e"',
        '"\x01"',
    ),
    *("[" * 200 + "]" * 200, '{"a":' * 200 + "1" + "}" * 200, "[" * 900 + "]" * 900, "[" * 1100),
    *('{"a": 1, "a": 2}', "01", "'a'", "True", "// x", '"\\x"', "\ufeff1", "1 2", "", "{", '"', "[1,]"),
)
NAMES = sorted({name for fields in FIELDS.values() for name in fields})
_TYPES = (
    "order.created",
    "customer.updated",
    "x.event.changed",
    "invoice.paid",
    "",
    "order.",
    "tracker.updated",
)
_EXPECTED = [*NAMES, "type", "data", "id", "result", "description", "tracking_code"]
_KEYS = st.sampled_from(_EXPECTED) | st.text(max_size=8)
_LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(_TYPES)
    | st.dates().map(str)
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    _LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_KEYS, inner, max_size=6),
    max_leaves=6,
)


def webhook_event(type: str, data: Any, odd: str) -> bytes:
    """Return a webhook event with one odd value in it, as bytes; lone surrogates are encoded as they are."""
    text = json.dumps({"type": type, "data": data, "id": "odd value"}, ensure_ascii=False)
    return text.replace('"odd value"', odd).encode("utf-8", "surrogatepass")


def valid_event(number: str, note: str) -> bytes:
    """Return an event that both kinds of webhooks understand, with `number` and `note` in it."""
    result = {"tracking_code": number, "status": note}
    carrier_fields = {"id": "evt", "description": "tracker.updated", "result": result}
    return json.dumps(
        {"type": "order.created", "data": {"number": number, "note": note}, **carrier_fields}
    ).encode()


#: Arbitrary bytes, arbitrary JSON, events, and events with one odd value.
BODIES: st.SearchStrategy[bytes] = (
    st.binary(max_size=60)
    | VALUES.map(lambda value: json.dumps(value).encode())
    | st.sampled_from(ODD).map(str.encode)
    | st.builds(valid_event, st.text(max_size=20), st.text(max_size=40))
    | st.builds(webhook_event, st.sampled_from(_TYPES), VALUES, st.sampled_from(ODD) | st.just('"1"'))
    | st.builds(lambda odd: b'{"type": "order.created", "data": ' + odd.encode() + b"}", st.sampled_from(ODD))
)
