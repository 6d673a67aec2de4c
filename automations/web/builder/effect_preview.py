"""A readable preview of what an action would do with a record: a message, request, task or change."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from automations.actions import ACTIONS
from automations.actions.shared import attachments, message_languages
from automations.actions.shared.action_kind import EMAIL, HTTP, LAYOUT, SMS, Prepared
from automations.actions.shared.inside_action import InsideAction
from automations.actions.shared.outgoing_email import also_to, missed_by
from automations.connectors.connector_set import Files
from automations.connectors.sms_parts import segments
from automations.web.kit.email_view import EmailView, email_view
from automations.web.kit.template_filters import formats


@dataclass(frozen=True)
class EffectPreview:
    """One effect. `number` counts (from 1) the messages a person can send to themselves; 0 for others."""

    head: str
    title: str
    body: str
    lines: tuple[str, ...] = ()
    number: int = 0
    code: bool = False
    #: Whether it is an email with the store's look, which can be seen as its receiver sees it.
    designed: bool = False
    #: How that one looks, where the page frames it.
    view: EmailView | None = None
    #: The host it calls, if it is a request that can be tried.
    host: str = ""


def preview(prepared: Prepared, number: int, files: Files | None = None) -> EffectPreview:
    """Return the effect in words; secrets appear by name only. With the store's files, also how it looks."""
    effect = _CHANNELS.get(prepared.channel, _inside)(prepared, number)
    if files is None or not effect.designed:
        return effect
    view = email_view(prepared.extra.get(LAYOUT), prepared.body, prepared.subject, files)
    return replace(effect, view=view)


def can_send(prepared: Prepared) -> bool:
    """Whether a person can send the message to themselves."""
    return prepared.channel == EMAIL


def _message(prepared: Prepared, number: int) -> EffectPreview:
    to = f"{prepared.to_name} <{prepared.to}>" if prepared.to_name else prepared.to
    designed = LAYOUT in prepared.extra
    language = message_languages.written_in(prepared.extra)
    brought = attachments.names(prepared.extra)
    said = (
        *(f"{line}." for line in also_to(prepared.extra)),
        f"Written in {language}." if language else "",
        f"Attached: {brought}." if brought else "",
    )
    missed = " ".join(missed_by(prepared.extra))
    lines = tuple(filter(None, (*said, f"Not everyone would get it. {missed}" if missed else "")))
    return EffectPreview(f"To {to}", prepared.subject, prepared.body, lines, number, designed=designed)


def _text_message(prepared: Prepared, number: int) -> EffectPreview:
    reason = segments(prepared.body).reason
    message = _message(prepared, number)
    return replace(message, lines=(*message.lines, reason)) if reason else message


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
        host=prepared.to,
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
    preview = action.preview(prepared, formats())
    return EffectPreview(preview.head, preview.title, preview.body, preview.lines)


_CHANNELS: Mapping[str, Callable[[Prepared, int], EffectPreview]] = {
    EMAIL: _message,
    SMS: _text_message,
    HTTP: _request,
}
