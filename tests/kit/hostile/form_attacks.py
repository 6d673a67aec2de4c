"""Form posts that no browser sends: values no field accepts, and malformed bodies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import Any
from urllib.parse import quote_plus

FORM = "application/x-www-form-urlencoded"
PARTS = "multipart/form-data; boundary=leaf"
_HUGE = "9" * 5000
#: Each is sent in one field while the others are valid; lone surrogates are encoded as they are.
VALUES = (
    *(
        "\x00",
        "a\x00b",
        "\ud800",
        "a\udfffb",
        "\ufffe",
        "\x1b[2J",
        "\u202e",
        "\u2028",
        "\r\nX: y",
        "\n" * 500,
    ),
    *("NaN", "-NaN", "Infinity", "-inf", "1e999", "1e-999", "-1", "-0", "0x10", "1_000", "٣", "²", "１２"),
    *("9" * 19, "9" * 30, _HUGE, f"-{_HUGE}", f"0.{_HUGE}", "1.005", "99999999999.995", "2147483648"),
    *("0000-00-00", "0001-01-01", "9999-12-31", "10000-01-01", "2026-02-30", "2026-13-45", "-2026-01-01"),
    *("24:00", "23:59:60", "2026-03-29T01:30", "1970-01-01T00:00:00Z", "2026-11-22T10:00:00+99:99", "W53"),
    *("[" * 300, '{"a":' * 300 + "1" + "}" * 300, "null", "true", "[]", "{}", '"'),
    *("{{ 7 * 7 }}", "{% for i in (1..3) %}x{% endfor %}", "{{", "{%", "%s%n%(x)s", "{0.__class__}"),
    *(
        "' OR 1=1 --",
        "%",
        "_" * 300,
        "\\",
        "=1+1",
        "<script>boom()</script>",
        "../../etc/passwd",
        "//a.example",
    ),
    *("", " ", "\t", "é" * 300, "\U0001f600" * 300, "a,b," * 400, "x" * 300, "x" * 20_000, "x" * 1_000_000),
    *(
        "a@b@c.example",
        "@",
        "a" * 250 + "@b.example",
        "http://[::1",
        "http://127.0.0.1/",
        "999999999999",
        "-999",
    ),
)
#: Field names that none of our forms has.
NAMES = (
    *("\x00", "a\x00b", "__proto__", "a[b][c]", "", "lines-²-name", f"lines-{_HUGE}-name", "lines--1-name"),
    *(
        "lines-0-lines-0-name",
        f"conditions-{_HUGE}-field",
        "conditions-²-field",
        "actions-²-kind",
        "actions-0-",
    ),
    *(
        "conditions-0-" * 60 + "field",
        "actions-0-kind",
        "actions-999999-settings-x",
        "actions-0-settings-\x00",
    ),
    *(
        "trigger-schedule-",
        "trigger-schedule-\x00",
        "caps-",
        "record",
        "over",
        "hours-",
        "own-",
        "\ud800",
        "self",
    ),
)
#: More parts than a form may have.
MANY = b"".join(
    b'--leaf\r\nContent-Disposition: form-data; name="f%d"\r\n\r\nx\r\n' % place for place in range(2100)
)
Sent = dict[str, Any]


def encoded(pairs: list[tuple[str, str]]) -> Sent:
    """Return a request with the fields encoded, including text that is not valid Unicode."""
    body = "&".join(
        f"{quote_plus(name, errors='surrogatepass')}={quote_plus(value, errors='surrogatepass')}"
        for name, value in pairs
    )
    return {"data": body, "content_type": FORM}


def with_value(shown: Mapping[str, str], name: str, value: str) -> Sent:
    """Return the form with another value in one field."""
    return encoded(list({**shown, name: value}.items()))


def bodies(shown: Mapping[str, str]) -> Iterator[tuple[str, Sent]]:
    """Yield (description, request): malformed bodies, and forms with too much, too little or nothing."""
    pairs = list(shown.items())
    names = list(shown) or ["name"]
    whole = encoded(pairs)["data"].encode()
    yield "nothing", {"data": b"", "content_type": FORM}
    yield "no kind", {"data": whole}
    yield "every field five times", encoded(pairs * 5)
    yield "every field, then another", encoded(pairs + [(name, "999999999") for name in names])
    yield "every other field", encoded(pairs[::2])
    yield "names nobody knows", encoded(pairs + [(name, "x") for name in NAMES])
    yield "thousands of fields", encoded(pairs + [(f"{names[0]}-{place}", "x") for place in range(3000)])
    yield "every value nothing", encoded([(name, "") for name in names])
    yield "every value long", encoded([(name, "é" * 2000) for name in names])
    yield "half an encoding", {"data": whole + b"&a=%&b=%f&c=%zz&%=1&=&&=x", "content_type": FORM}
    yield "bytes that are no text", {"data": whole + b"&name=\xff\xfe\xc3&\xff=1", "content_type": FORM}
    yield "another encoding", {"data": whole, "content_type": f"{FORM}; charset=utf-7"}
    yield "an encoding nobody knows", {"data": whole, "content_type": f"{FORM}; charset=\xffnone"}
    yield "two bytes a letter", {"data": whole.decode().encode("utf-16"), "content_type": FORM}
    yield "JSON", {"data": b'{"name": {"a": [NaN]}}', "content_type": "application/json"}
    yield "XML", {"data": b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "content_type": "text/xml"}
    yield "a kind that is none", {"data": whole, "content_type": "\xff/;;=,boundary"}
    yield from _parts(names)


def _parts(names: list[str]) -> Iterator[tuple[str, Sent]]:
    files = {name: (BytesIO(b"\x89PNG\r\n\x00" * 50), "../../x.png\x00.html") for name in names[:40]}
    yield "a file in every field", {"data": files, "content_type": "multipart/form-data"}
    yield "parts of many", {"data": MANY, "content_type": PARTS}
    head = b'--leaf\r\nContent-Disposition: form-data; name="%s"' % names[0].encode()
    for words, body in {
        "a part without an end": head + b"\r\n\r\nx",
        "a part without a head": b"--leaf\r\n\r\nx\r\n--leaf--\r\n",
        "a part whose head never ends": head + b"; x=" + b"y" * 20_000,
        "a part of another encoding": head
        + b"\r\nContent-Type: text/plain; charset=none\r\n\r\n\xff\r\n--leaf--\r\n",
        "a part with half a header": head + b"\r\nContent-Type\r\n\r\nx\r\n--leaf--\r\n",
        "a part with bytes for a name": head.replace(b'name="', b'name="\xff\x00')
        + b"\r\n\r\nx\r\n--leaf--\r\n",
        "parts in parts": head + b"\r\nContent-Type: multipart/mixed; boundary=leaf\r\n\r\n--leaf--\r\n",
    }.items():
        yield words, {"data": body, "content_type": PARTS}
    yield "parts without a boundary", {"data": b"--\r\n\r\nx", "content_type": "multipart/form-data"}
    yield "parts with an odd one", {"data": b"x", "content_type": "multipart/form-data; boundary=\xff\x00;"}
