"""Asks the API of a shop over the egress, with the access token of a connection; it only ever reads."""

from __future__ import annotations

import datetime as dt
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from automations.connectors import egress
from automations.connectors.host_allowlist import host_of
from automations.connectors.http_responses import PASSING, wait_asked
from automations.connectors.masking import Mask
from automations.connectors.plain_text import one_line
from automations.engine.operators.value_types import counted

#: A page of orders is longer than the answers to anything that is sent.
LONGEST = 4 * 1024 * 1024
#: Seconds for all requests of one fetch together.
PATIENCE = 90.0


@dataclass(frozen=True, slots=True)
class ShopAccess:
    """With what the API of a shop is asked: its address, and the token with the name that belongs to it."""

    site: str
    token: str = field(repr=False)
    name: str = ""


class AccessRefused(Exception):
    """The token is not accepted, or may not see this; `str(error)` is a sentence."""


class NoSuchRecord(Exception):
    """The shop has no such record."""


class TryLater(Exception):
    """It may work later, after `after` seconds if the shop said so; `str(error)` is a sentence."""

    def __init__(self, sentence: str, after: int | None = None) -> None:
        super().__init__(sentence)
        self.after = after


class CannotBeAsked(Exception):
    """It cannot work as it is; `str(error)` is a sentence."""


@dataclass(frozen=True, slots=True)
class ShopAnswer:
    """The JSON that a shop answered, with exact decimals, and the headers, with names in small letters."""

    data: Any
    headers: Mapping[str, str]


@dataclass(slots=True)
class Asking:
    """Asks one shop, for PATIENCE at most; `answers` has everything that came, by its path."""

    access: ShopAccess
    headers: Mapping[str, str]
    #: Whose connections stay open for the next request.
    keeper: str = ""
    answers: dict[str, Any] = field(default_factory=dict)
    ends: float = field(default_factory=lambda: time.monotonic() + PATIENCE)

    def ask(self, path: str) -> ShopAnswer:
        """GET a path of the shop. Raises AccessRefused, NoSuchRecord, TryLater or CannotBeAsked."""
        left = self.ends - time.monotonic()
        if left <= 0:
            raise TryLater(f"{self._host} takes too long.")
        url = self.access.site.rstrip("/") + path
        request = egress.Request("GET", url, {"Accept": "application/json", **self.headers})
        mask = Mask(lambda: [self.access.token])
        try:
            answer = egress.send(request, min(egress.TIMEOUT, left), mask, self.keeper, LONGEST)
        except egress.UrlRefused as error:
            raise CannotBeAsked(str(error)) from error
        except (egress.Unreachable, egress.NoAnswer) as error:
            raise TryLater(str(error)) from error
        data = _judged(answer, self._host)
        self.answers[path] = data
        return ShopAnswer(data, answer.headers)

    def ask_if_there(self, path: str) -> Any:
        """Return the JSON at a path that may be missing, or that the token may not see: then None."""
        try:
            return self.ask(path).data
        except (NoSuchRecord, AccessRefused):
            return None

    @property
    def _host(self) -> str:
        return host_of(self.access.site) or "The shop"


#: Returns the headers that prove who asks.
Proof = Callable[[ShopAccess], Mapping[str, str]]


def _judged(answer: egress.HttpAnswer, host: str) -> Any:
    now = dt.datetime.now(dt.UTC)
    said = f"{host} answered {answer.status}"
    if answer.status == 204:
        # So BigCommerce writes a list of nothing.
        return None
    if answer.status in (401, 403):
        raise AccessRefused(f"{said}: the access token is not valid there, or may not read this.")
    if answer.status in (404, 410):
        raise NoSuchRecord(f"{said}: it has no such record.")
    if answer.status in PASSING or answer.status >= 500:
        raise TryLater(f"{said}.", wait_asked(answer.headers, now))
    if answer.status != 200:
        raise CannotBeAsked(f"{said}: {one_line(answer.text, 200)}".rstrip(": "))
    if answer.cut:
        raise CannotBeAsked(f"The answer of {host} is longer than {counted(LONGEST)} bytes.")
    try:
        return json.loads(answer.text, parse_float=Decimal)
    except (ValueError, RecursionError):
        raise CannotBeAsked(f"{host} did not answer with JSON. Check the address.") from None
