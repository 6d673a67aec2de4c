"""Which addresses this program may call: the public internet, and the private hosts the operator lists."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

from automations.engine.operators.value_types import counted

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

#: Ranges that Python calls global although they are private or embed an address that may be private.
_WRAPPING = tuple(
    ipaddress.ip_network(text)
    for text in (
        "::/96",
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "2002::/16",
        "2001::/32",
        "fec0::/10",
        "5f00::/16",
    )
)
_INSIDE_NAMES = (".localhost", ".local", ".internal", ".intranet", ".lan", ".home", ".corp", ".home.arpa")
_LONGEST = 2000


class UrlRefused(ValueError):
    """`str(error)` is a sentence for the user."""


@dataclass(frozen=True)
class Allowed:
    """The private hosts the operator lists: names, and addresses or ranges of the local network."""

    hosts: frozenset[str] = frozenset()
    networks: tuple[Network, ...] = ()

    @classmethod
    def parse(cls, words: Iterable[str]) -> Allowed:
        """Build the list from words such as "printer.shop.lan", "10.0.0.7", "10.1.0.0/16"."""
        hosts, networks = set(), []
        for word in words:
            try:
                networks.append(ipaddress.ip_network(word.strip("[]"), strict=False))
            except ValueError:
                hosts.add(word.lower().rstrip("."))
        return cls(frozenset(hosts), tuple(networks))

    def covers(self, host: str, address: Address) -> bool:
        """Whether the operator lists this host or address."""
        return host.lower().rstrip(".") in self.hosts or any(address in network for network in self.networks)


def is_public(address: Address) -> bool:
    """Whether `address` is on the public internet."""
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        return is_public(address.ipv4_mapped)
    closed = address.is_multicast or address.is_reserved or address.is_unspecified
    return address.is_global and not closed and not any(address in network for network in _WRAPPING)


@lru_cache(256)
def url_problem(url: str, allowed: Allowed) -> str | None:
    """Return why this URL must not be called, as a sentence, or None if nothing rules it out yet.

    No name is resolved here: the address behind a name is checked on connecting.
    """
    try:
        host = _host(url)
    except UrlRefused as error:
        return str(error)
    address = literal(host)
    if address is not None:
        return None if is_public(address) or allowed.covers(host, address) else refusal(host)
    inside = "." not in host.rstrip(".") or f".{host.rstrip('.')}".endswith(_INSIDE_NAMES)
    if inside and host.rstrip(".") not in allowed.hosts:
        return refusal(host)
    return None


def refusal(host: str) -> str:
    """Return the one sentence for every private address, so that it reveals nothing about the network."""
    return (
        f"“{host[:100]}” is not a public address, so it is not called. Use a public one, or ask whoever "
        "runs this program to list it in ALLOWED_PRIVATE_HOSTS."
    )


@lru_cache(256)
def host_of(url: str) -> str:
    """Return the host of a URL, with its port unless that is the scheme's default; "" if there is none."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return ""
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    return f"{host}:{port}" if host and port not in (None, usual) else host


def literal(host: str) -> Address | None:
    """Return the address a host is written as, in any form a resolver accepts; None for a name."""
    try:
        return ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        pass
    try:
        # The system's resolver also accepts shortened and numeric forms of an address.
        return ipaddress.ip_address(socket.inet_aton(host.rstrip(".")))
    except (OSError, UnicodeError, ValueError):
        return None


def _host(url: str) -> str:
    if len(url) > _LONGEST:
        raise UrlRefused(f"The URL is too long. The limit is {counted(_LONGEST)} characters.")
    if any(not character.isprintable() or character in ' \\"<>^`{|}' for character in url):
        raise UrlRefused(
            "The URL has characters that are not allowed in one. Remove spaces, quotes and the like."
        )
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise UrlRefused("The URL cannot be read. Enter it like https://api.courier.example/jobs.") from error
    if parts.scheme not in ("http", "https") or not host or port == 0:
        raise UrlRefused(
            "Enter a URL that starts with https:// and a host, like https://api.courier.example."
        )
    if "@" in parts.netloc:
        raise UrlRefused("Take the user name and password out of the URL, and send them in a header.")
    return _ascii(host)


def _ascii(host: str) -> str:
    try:
        # Full-width digits and dots become plain ones here, before the address is checked.
        return host if host.isascii() else host.encode("idna").decode("ascii").lower()
    except UnicodeError as error:
        raise UrlRefused("The host of the URL cannot be read. Check its spelling.") from error
