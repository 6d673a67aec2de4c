"""Addresses that are not public, and the ways to write one in a URL."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from tests.connectors.test_egress import INSIDE

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

ADDRESSES = [ipaddress.ip_address(text) for text in dict.fromkeys(INSIDE)]
#: URLs around a host: plain ones, and ones our check refuses whatever the host.
SHAPES = (
    *("http://{}/", "https://{}/", "http://{}:8080/", "https://{}:8443/x", "HTTP://{}/", "http://{}"),
    *("http://{}?x=1", "http://{}#x", "http://{}/../x", "http://a@{}/", "http://a:b@{}/"),
    *("https://{}?x=1", "https://{}#x", "http://{}/a/b", "http://{}/a\\b", "http://{}/a b", "ftp://{}/"),
    *(
        "//{}/",
        " http://{}/",
        "http://{}/\tx",
        "http://{}/\n",
        'http://{}/"x"',
        "http://{}/<x>",
        "http://{}:0/",
    ),
)


def urls(address: Address) -> Iterator[str]:
    """Yield each spelling of `address` in a plain URL, then its plain spelling in every shape of URL."""
    spelled = list(_of_4(address) if isinstance(address, ipaddress.IPv4Address) else _of_6(address))
    yield from (f"http://{host}/" for host in spelled)
    yield from (shape.format(spelled[0]) for shape in SHAPES)


def _of_4(address: ipaddress.IPv4Address) -> Iterator[str]:
    number, parts = int(address), [int(part) for part in str(address).split(".")]
    a, b, c, d = parts
    high, low = f"{number >> 16:x}", f"{number & 0xFFFF:x}"
    yield str(address)
    yield f"{address}."
    yield str(number)
    yield hex(number)
    yield f"0{number:o}"
    yield ".".join(map(hex, parts))
    yield ".".join(f"0{part:o}" for part in parts)
    yield f"{hex(a)}.0{b:o}.{c}.{d}"
    yield f"{a}.{b}.{c << 8 | d}"
    yield f"{a}.{b << 16 | c << 8 | d}"
    yield str(address).translate({ord("0") + digit: 0xFF10 + digit for digit in range(10)})
    yield str(address).replace(".", "。")
    yield str(address).replace(".", "%2e")
    yield f"[::ffff:{address}]"
    yield f"[::ffff:{high}:{low}]"
    yield f"[0:0:0:0:0:FFFF:{high}:{low}]"
    yield f"[::{address}]"
    yield f"[64:ff9b::{address}]"
    yield f"[2002:{high}:{low}::]"
    yield f"[::ffff:{address}%25eth0]"


def _of_6(address: ipaddress.IPv6Address) -> Iterator[str]:
    number = int(address)
    tail = ipaddress.IPv4Address(number & 0xFFFFFFFF)
    groups = address.exploded.split(":")
    dashed = address.compressed.replace(":", "-")
    yield f"[{address.compressed}]"
    yield f"[{address.exploded}]"
    yield f"[{address.exploded.upper()}]"
    yield f"[{':'.join(group.lstrip('0') or '0' for group in groups)}]"
    yield f"[{':'.join(groups[:6])}:{tail}]"
    yield f"[{address.compressed}%25eth0]"
    yield f"[{address.compressed}%25lo]"
    yield f"[{address.compressed}%eth0]"
    yield f"[{address.compressed}%251]"
    yield f"[{address.compressed}]."
    yield address.compressed
    yield address.exploded
    yield f"{dashed}.ipv6-literal.net"
    yield f"[{address.compressed} ]"
