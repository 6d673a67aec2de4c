"""Send a request to an API of the store's choice: fill in secrets, sign it, and judge the answer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

from automations.connectors import egress
from automations.connectors.http_responses import GONE, PASSING, as_text, kept, parsed, value_at, wait_asked
from automations.connectors.masking import NOTHING, Mask
from automations.connectors.plain_text import one_line
from automations.connectors.receipts import Gone, Receipt, Refused, TryAgain
from automations.connectors.webhook_signing import BadSecret, signed_headers

#: Names the chain of a request: a call back that carries this header continues the chain.
CHAIN_HEADER = "Store-Automations-Chain"

#: A text, or the name of a secret; a header value is a sequence of these.
Piece = tuple[Literal["text", "secret"], str]


@dataclass(frozen=True)
class StoredSecret:
    """A decrypted secret of the store, and the only host it may be sent to ("" for any)."""

    value: str = field(repr=False)
    host: str = ""
    #: The secret it replaces, which also signs during the rotation.
    previous: str = field(default="", repr=False)


#: Returns the secret of a name, or None. Raises Refused.
Secrets = Callable[[str], StoredSecret | None]
#: Returns the value of CHAIN_HEADER for the key of a request.
Mark = Callable[[str, dt.datetime], str]


@dataclass(frozen=True)
class OutgoingRequest:
    """One rendered request, its secrets still by name."""

    method: str
    url: str
    headers: Mapping[str, Sequence[Piece]]
    body: str
    content_type: str
    #: The name of the signing secret, "" for none.
    signed_with: str
    #: The expected status ("" for any 2xx), and the value expected at a path of the answer.
    status: str
    path: str
    value: str
    key: str


def _no_secrets(name: str) -> StoredSecret | None:
    return None


@dataclass(frozen=True)
class HttpConnector:
    """Sends requests. `timeout` is the total time for one request, in seconds."""

    secrets: Secrets = _no_secrets
    timeout: float = egress.TIMEOUT
    #: None for requests outside any chain, such as a test.
    mark: Mark | None = None
    #: Removes the secrets from the answer.
    mask: Mask = NOTHING
    #: Whose connections stay open for the next request: those of a store, or of nobody.
    keeper: str = ""

    key = "http"
    host = ""
    outside = True
    #: Every request carries the same Idempotency-Key at each try, so it may be repeated.
    keyed = True

    def send(self, request: OutgoingRequest) -> Receipt:
        """Send one request and judge its answer. Raises Refused or TryAgain."""
        now = dt.datetime.now(dt.UTC)
        try:
            answer = egress.send(self._outgoing(request, now), self.timeout, self.mask, self.keeper)
        except (egress.UrlRefused, BadSecret) as error:
            raise Refused(str(error)) from error
        except (egress.Unreachable, egress.NoAnswer) as error:
            raise TryAgain(str(error), down=True) from error
        return _receipt(request, answer, now)

    def _outgoing(self, request: OutgoingRequest, now: dt.datetime) -> egress.Request:
        host = urlsplit(request.url).hostname or ""
        headers = {"Accept": "application/json"}
        if request.body:
            headers["Content-Type"] = request.content_type
        for name, pieces in request.headers.items():
            value = "".join(self._piece(piece, host) for piece in pieces)
            headers[name] = one_line(value).encode("latin-1", "replace").decode("latin-1")
        headers["Idempotency-Key"] = request.key
        if self.mark:
            headers[CHAIN_HEADER] = self.mark(request.key, now)
        if request.signed_with:
            secret = self._secret(request.signed_with, host)
            secrets = [value for value in (secret.value, secret.previous) if value]
            headers |= signed_headers(secrets, request.key, request.body, now)
        return egress.Request(request.method, request.url, headers, request.body.encode())

    def _piece(self, piece: Piece, host: str) -> str:
        kind, text = piece
        return self._secret(text, host).value if kind == "secret" else text

    def _secret(self, name: str, host: str) -> StoredSecret:
        secret = self.secrets(name)
        if secret is None:
            raise Refused(f"There is no secret called “{name}” any more. Add it in Settings.")
        if secret.host and secret.host.lower() != host.lower():
            raise Refused(f"The secret “{name}” may only be sent to {secret.host}, not to {host}.")
        return secret


def _receipt(request: OutgoingRequest, answer: egress.HttpAnswer, now: dt.datetime) -> Receipt:
    stored_answer = kept(answer)
    host = urlsplit(request.url).hostname or ""
    if _status_is_wanted(request, answer.status):
        _expect_value(request, answer, stored_answer)
        data = parsed(answer.text)
        provider_id = as_text(value_at(data, "id")) if isinstance(data, Mapping) else ""
        return Receipt(one_line(provider_id, 200), f"{host} answered {answer.status}", stored_answer)
    raise _no(
        answer,
        f"{host} answered {answer.status}: {one_line(answer.text, 200)}".rstrip(": "),
        stored_answer,
        now,
    )


def _status_is_wanted(request: OutgoingRequest, status: int) -> bool:
    return status == int(request.status) if request.status else 200 <= status < 300


def _expect_value(
    request: OutgoingRequest, answer: egress.HttpAnswer, stored_answer: dict[str, object]
) -> None:
    if not request.path:
        return
    actual = as_text(value_at(parsed(answer.text), request.path))
    if actual != request.value:
        shown = f"“{one_line(actual, 100)}”" if actual else "missing"
        sentence = (
            f"The answer’s {request.path} is {shown}, and “{one_line(request.value, 100)}” was expected."
        )
        raise Refused(sentence, stored_answer)


def _no(
    answer: egress.HttpAnswer, sentence: str, stored_answer: dict[str, object], now: dt.datetime
) -> Exception:
    if answer.status in PASSING or answer.status >= 500:
        after = wait_asked(answer.headers, now)
        return TryAgain(sentence, after, stored_answer, down=answer.status >= 500)
    if answer.status == GONE:
        advice = "This address is closed for good, so nothing more is sent there."
        return Gone(f"{sentence}. {advice}", stored_answer)
    if 300 <= answer.status < 400:
        return Refused(
            f"{sentence}. Redirects are not followed: put the new address in the automation.", stored_answer
        )
    return Refused(sentence, stored_answer)
