"""Send text messages through a gateway described by a preset: see `sms_presets`."""

from __future__ import annotations

import base64
import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import quote, urlencode

from automations.connectors import egress
from automations.connectors.host_allowlist import host_of
from automations.connectors.http_responses import PASSING, as_text, parsed, value_at, wait_asked
from automations.connectors.masking import NOTHING, Mask
from automations.connectors.phone_numbers import PhoneContact
from automations.connectors.plain_text import one_line
from automations.connectors.receipts import Connector, Receipt, Refused, TryAgain, Uncertain
from automations.connectors.sms_parts import UCS2, segments
from automations.connectors.sms_preset import Preset

_LOGIN = frozenset({401, 403, 407})
_HINT = "Check the account and the password in the text message settings."


@dataclass(frozen=True)
class OutgoingSms:
    """One text message to one number. `sender` is a number or a name; "" leaves it to the gateway."""

    to: PhoneContact
    sender: str
    text: str
    key: str


class SmsConnector(Connector, Protocol):
    """Sends text messages."""

    def send(self, sms: OutgoingSms) -> Receipt:
        """Hand over one message. Raises Refused, TryAgain or Uncertain, and nothing else."""
        ...


@dataclass(frozen=True)
class SmsGateway:
    """One account at one gateway. `settings` holds what its preset asks for, except the secret."""

    preset: Preset
    settings: Mapping[str, str]
    secret: str = field(default="", repr=False)
    timeout: float = egress.TIMEOUT
    mask: Mask = NOTHING

    outside = True
    #: No gateway handles a key only once, so a person has to decide about an unanswered message.
    keyed = False

    @property
    def key(self) -> str:
        return self.preset.key

    @property
    def host(self) -> str:
        return host_of(self.preset.url.replace("{url}", self.settings.get("url", "")))

    def send(self, sms: OutgoingSms) -> Receipt:
        """Hand over one message. Raises Refused, TryAgain or Uncertain."""
        try:
            answer = egress.send(self._request(sms), self.timeout, self.mask)
        except egress.UrlRefused as error:
            raise Refused(str(error)) from error
        except egress.Unreachable as error:
            raise TryAgain(str(error), down=True) from error
        except egress.NoAnswer as error:
            raise Uncertain(f"{error} It is unclear whether the text message was accepted.") from error
        return _read(self.preset, answer)

    def _request(self, sms: OutgoingSms) -> egress.Request:
        values = {
            **self.settings,
            "secret": self.secret,
            "to": sms.to.number,
            "to_digits": sms.to.number.removeprefix("+"),
            "sender": sms.sender or self.settings.get("sender", ""),
            "text": sms.text,
            "key": sms.key,
            "type": "unicode" if segments(sms.text).alphabet == UCS2 else "text",
        }
        all_fields = {name: values.get(source, "") for name, source in self.preset.fields.items()}
        fields = {name: value for name, value in all_fields.items() if value}
        url = self.preset.url.format_map({name: _in_url(name, value) for name, value in values.items()})
        headers = {"Accept": "application/json", **self._login()}
        if self.preset.encoding == "json":
            headers["Content-Type"] = "application/json"
            return egress.Request("POST", url, headers, json.dumps(fields).encode())
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        return egress.Request("POST", url, headers, urlencode(fields, errors="replace").encode())

    def _login(self) -> dict[str, str]:
        if self.preset.login == "basic":
            pair = f"{self.settings.get('account', '')}:{self.secret}".encode("utf-8", "replace")
            return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}
        if self.preset.login == "bearer" and self.secret:
            return {"Authorization": f"Bearer {self.secret}"}
        return {}


def _in_url(name: str, value: str) -> str:
    # The generic gateway's whole URL is a setting; any other value is one path segment.
    return value if name == "url" else quote(value, safe="", errors="replace")


def _read(preset: Preset, answer: egress.HttpAnswer) -> Receipt:
    """Return the receipt if status and body both report success; a 200 alone proves nothing."""
    data = parsed(answer.text)
    items = value_at(data, preset.each) if preset.each else [data]
    if not 200 <= answer.status < 300:
        raise _no(preset, answer, data, value_at(data, f"{preset.each}.0") if preset.each else data)
    if not isinstance(items, list) or not items:
        raise _unclear(answer)
    failed = [item for item in items if not preset.took(item)]
    if failed and len(failed) < len(items):
        raise Uncertain("The gateway accepted only some of the parts of the text message.")
    if failed:
        if not as_text(value_at(failed[0], preset.success_path)):
            raise _unclear(answer)
        raise _no(preset, answer, data, failed[0])
    provider_id = as_text(value_at(items[0], preset.id_path))
    return Receipt(one_line(provider_id, 200), f"{preset.label} accepted it")


def _unclear(answer: egress.HttpAnswer) -> Uncertain:
    answer_text = one_line(answer.text, 200) or "nothing"
    return Uncertain(
        f"The gateway answered {answer.status} without saying whether it accepted it: {answer_text}"
    )


def _no(preset: Preset, answer: egress.HttpAnswer, data: object, item: object) -> Exception:
    code = as_text(value_at(item, preset.code_path))
    words = one_line(as_text(value_at(item, preset.words_path)) or answer.text, 300)
    sentence = f"{preset.label} said {' '.join(filter(None, (code or str(answer.status), words)))}"
    after = wait_asked(answer.headers, dt.datetime.now(dt.UTC))
    if code in preset.passing or answer.status in PASSING:
        return TryAgain(f"{sentence}. It will be retried.", after)
    if code in preset.login_codes or (answer.status in _LOGIN and code not in preset.permanent):
        return TryAgain(f"{sentence}. {_HINT}")
    if answer.status == 503 and after is not None:
        # A 503 with Retry-After did not accept it; a bare one may come from a proxy of a gateway that did.
        return TryAgain(f"{sentence}. It will be retried.", after)
    if answer.status >= 500:
        # The gateway failed before or after it passed the message on.
        return Uncertain(f"{sentence}. It is unclear whether the text message was accepted.")
    return Refused(f"{sentence}.")
