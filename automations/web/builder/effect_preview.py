"""A readable preview of what an action would do with a record: a message, request, task or change."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from automations.actions import ACTIONS
from automations.actions.shared.action_kind import EMAIL, HTTP, SMS, Prepared
from automations.actions.shared.inside_action import InsideAction
from automations.connectors.sms_parts import segments


@dataclass(frozen=True)
class EffectPreview:
    """One effect. `number` counts (from 1) the messages a person can send to themselves; 0 for others."""

    head: str
    title: str
    body: str
    lines: tuple[str, ...] = ()
    number: int = 0
    code: bool = False


def preview(prepared: Prepared, number: int) -> EffectPreview:
    """Return the effect in words; secrets appear by name only."""
    return _CHANNELS.get(prepared.channel, _inside)(prepared, number)


def can_send(prepared: Prepared) -> bool:
    """Whether a person can send the message to themselves."""
    return prepared.channel == EMAIL


def _message(prepared: Prepared, number: int) -> EffectPreview:
    to = f"{prepared.to_name} <{prepared.to}>" if prepared.to_name else prepared.to
    return EffectPreview(f"To {to}", prepared.subject, prepared.body, number=number)


def _text_message(prepared: Prepared, number: int) -> EffectPreview:
    reason = segments(prepared.body).reason
    return replace(_message(prepared, number), lines=(reason,) if reason else ())


def _request(prepared: Prepared, number: int) -> EffectPreview:
    extra = prepared.extra
    headers = [f"{name}: {''.join(map(_piece, pieces))}" for name, pieces in extra.get("headers", ())]
    if prepared.body:
        headers.insert(0, f"Content-Type: {extra.get('content_type')}")
    if extra.get("signed_with"):
        headers.append(f"Signed with the secret “{extra['signed_with']}”")
    expected = f"Expected: {extra.get('status') or 'a status from 200 to 299'}"
    if extra.get("path"):
        expected += f", and in the answer {extra['path']}" + (
            f" = {extra['value']}" if extra.get("value") else ""
        )
    return EffectPreview(
        f"A request to {prepared.to}",
        prepared.subject,
        _pretty(prepared.body),
        (*headers, expected),
        code=True,
    )


def _piece(piece: list[str]) -> str:
    kind, text = piece
    return f"•••••• ({text})" if kind == "secret" else text


def _pretty(body: str) -> str:
    try:
        return json.dumps(json.loads(body), ensure_ascii=False, indent=2)
    except ValueError:
        return body


def _inside(prepared: Prepared, number: int) -> EffectPreview:
    action = ACTIONS.get(prepared.kind)
    if not isinstance(action, InsideAction):
        return EffectPreview(prepared.to, prepared.subject, prepared.body)
    preview = action.preview(prepared)
    return EffectPreview(preview.head, preview.title, preview.body, preview.lines)


_CHANNELS: Mapping[str, Callable[[Prepared, int], EffectPreview]] = {
    EMAIL: _message,
    SMS: _text_message,
    HTTP: _request,
}
