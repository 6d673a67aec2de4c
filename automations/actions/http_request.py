"""Call another program's API: a courier's, a till's, an accountant's."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import partial
from urllib.parse import urlencode, urlsplit

import wtforms
from wtforms.fields.choices import SelectChoice

from automations.actions.shared import body_blocks, json_body, pair_body, request_parts, skip_reasons
from automations.actions.shared.action_kind import (
    HTTP,
    Action,
    ActionForm,
    Prepared,
    Settings,
    Situation,
    Skipped,
    text_of,
)
from automations.actions.shared.request_settings import (
    BODIES,
    FORM,
    METHODS,
    NONE,
    PAIRS,
    RAW,
    WITHOUT_BODY,
    problems_of,
)
from automations.actions.shared.text_templates import rendered_text
from automations.connectors import egress
from automations.connectors.connector_set import Connectors
from automations.connectors.host_allowlist import host_of
from automations.connectors.plain_text import one_line
from automations.connectors.receipts import Receipt
from automations.connectors.signed_requests import OutgoingRequest
from automations.engine.fields.subject import Subject
from automations.engine.rules.rule import Problem

_TYPES = {FORM: "application/x-www-form-urlencoded"}
_JSON = "application/json"
_LONGEST_BODY = 200_000


class RequestForm(ActionForm):
    """The request, and the answer it expects."""

    template_fields = ("url", "headers", "body")
    secret_fields = ("headers",)
    folded = ("headers", "signed_with", "status", "answer_path", "answer_value")

    method = wtforms.SelectField(
        "Method", choices=[SelectChoice(method, method) for method in METHODS], default="POST"
    )
    url = wtforms.StringField("URL", render_kw={"autocomplete": "off", "spellcheck": "false"})
    headers = wtforms.TextAreaField(
        "Headers, one per line",
        render_kw={"rows": 2, "placeholder": "Authorization: Bearer {{ secrets.courier }}"},
    )
    body_kind = wtforms.SelectField(
        "Send along", choices=[SelectChoice(*kind) for kind in BODIES.items()], default=PAIRS
    )
    body = wtforms.TextAreaField(
        "Body", render_kw={"rows": 5, "placeholder": "reference = {{ order.number }}", "spellcheck": "false"}
    )
    signed_with = wtforms.StringField("Sign with the secret", render_kw={"autocomplete": "off"})
    status = wtforms.StringField(
        "Expected status", render_kw={"inputmode": "numeric", "placeholder": "200 to 299"}
    )
    answer_path = wtforms.StringField("Expected in the answer, at", render_kw={"placeholder": "status"})
    answer_value = wtforms.StringField("Expected value", render_kw={"placeholder": "accepted"})


class HttpRequest(Action):
    """One request; its answer is kept, and later actions may use it."""

    key = "http_request"
    label = "HTTP request"
    icon = "globe"
    rank = 6
    done = "Done"
    Form = RequestForm

    def contacts_customer(self, settings: Settings) -> bool:
        return False

    def summary(self, settings: Settings) -> str:
        url = text_of(settings, "url").strip().partition("{")[0]
        try:
            host = urlsplit(url).hostname
        except ValueError:
            host = None
        return f"send a request to {one_line(host, 100) if host else '…'}"

    def lane(self, settings: Settings) -> str:
        # Fields stand only behind the host: see url_problem.
        return host_of(text_of(settings, "url").strip().partition("{")[0])

    def check(self, settings: Settings, subject: Subject) -> list[Problem]:
        return list(problems_of(settings, subject))

    def texts(self, settings: Settings) -> Iterable[tuple[str, str]]:
        body = [("body", text) for text in _body_texts(settings)]
        return [*((name, text_of(settings, name)) for name in ("url", "headers")), *body]

    def prepare(self, settings: Settings, situation: Situation) -> list[Prepared]:
        render = partial(rendered_text, situation=situation)
        method = text_of(settings, "method")
        url = request_parts.rendered_url(text_of(settings, "url"), render)
        problem = request_parts.url_problem(text_of(settings, "url")) or egress.problem_of(url)
        if problem or method not in METHODS:
            raise Skipped(skip_reasons.url_refused(problem or "its method is not known."))
        kind = NONE if method in WITHOUT_BODY else text_of(settings, "body_kind")
        headers = [
            (name, request_parts.header_pieces(value, render))
            for name, value in request_parts.headers_of(text_of(settings, "headers"))
            if request_parts.header_problem(name, value) is None
        ]
        extra = {
            "method": method,
            "url": url,
            "headers": [[name, [list(piece) for piece in pieces]] for name, pieces in headers],
            "content_type": _TYPES.get(kind, _JSON),
            "signed_with": text_of(settings, "signed_with").strip(),
            "status": text_of(settings, "status").strip(),
            "path": text_of(settings, "answer_path").strip(),
            "value": text_of(settings, "answer_value").strip(),
        }
        host = urlsplit(url).hostname or ""
        body = _body(kind, text_of(settings, "body"), situation)
        return [Prepared(self.key, host, "", f"{method} {url}", body, channel=HTTP, extra=extra)]

    def perform(self, prepared: Prepared, connectors: Connectors, key: str) -> Receipt:
        return connectors.http.send(_outgoing(prepared, key))


def _body_texts(settings: Settings) -> list[str]:
    """Return the templates in the body; the whole body where it cannot be taken apart."""
    text = text_of(settings, "body")
    if text_of(settings, "body_kind") != RAW or body_blocks.has_blocks(text):
        return [text]
    try:
        return json_body.texts(json_body.parse(text))
    except json_body.BodyNotJson:
        return [text]


def _body(kind: str, text: str, situation: Situation) -> str:
    render = partial(rendered_text, situation=situation)
    if kind not in (FORM, PAIRS, RAW):
        return ""
    try:
        data = _raw(text, render) if kind == RAW else _pairs(text, render, kind == PAIRS)
    except ValueError as error:
        sentence = str(error) if isinstance(error, json_body.BodyNotJson) else "its body is not JSON."
        raise Skipped(skip_reasons.message_failed(sentence)) from error
    if kind == FORM and isinstance(data, dict):
        body = urlencode(data)
    else:
        body = json.dumps(data, ensure_ascii=False)
    if len(body) > _LONGEST_BODY:
        raise Skipped(skip_reasons.message_failed(f"the body is longer than {_LONGEST_BODY // 1000} kB."))
    return body


def _raw(text: str, render: json_body.Render) -> object:
    if body_blocks.has_blocks(text):
        return body_blocks.assembled(render(body_blocks.template_of(text)))
    return json_body.rendered(json_body.parse(text), render)


def _pairs(text: str, render: json_body.Render, with_lists: bool) -> object:
    if pair_body.has_block_lines(text):
        return _raw(pair_body.as_json_body(text, with_lists), render)
    values = {name: value for name, value in pair_body.pairs_of(text) if name}
    return {name: _value(value, render, with_lists) for name, value in values.items()}


def _value(value: str, render: json_body.Render, with_lists: bool) -> object:
    alone = pair_body.alone(value) if with_lists else ""
    return json.loads(render(alone)) if alone else render(value)


def _outgoing(prepared: Prepared, key: str) -> OutgoingRequest:
    extra = prepared.extra
    status = str(extra.get("status", ""))
    return OutgoingRequest(
        method=str(extra.get("method", "")),
        url=str(extra.get("url", "")),
        headers={name: [tuple(piece) for piece in pieces] for name, pieces in extra.get("headers", ())},
        body=prepared.body,
        content_type=str(extra.get("content_type", _JSON)),
        signed_with=str(extra.get("signed_with", "")),
        status=status if status.isdecimal() else "",
        path=str(extra.get("path", "")),
        value=str(extra.get("value", "")),
        key=key,
    )
