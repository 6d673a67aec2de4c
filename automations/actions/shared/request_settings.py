"""Check the settings of a request, field by field."""

from __future__ import annotations

import re
from collections.abc import Iterator

from automations.actions.shared import body_blocks, json_body, pair_body, request_parts
from automations.actions.shared.action_kind import Settings, text_of
from automations.actions.shared.text_templates import template_problems, text_problems
from automations.engine.fields.subject import Subject
from automations.engine.rules.rule import Problem

METHODS = ("POST", "PUT", "PATCH", "GET", "DELETE")
WITHOUT_BODY = frozenset({"GET", "DELETE"})
NONE, FORM, PAIRS, RAW = "none", "form", "json", "raw"
BODIES = {PAIRS: "JSON, one field per line", RAW: "JSON, written out", FORM: "Form, one field per line"}
BODIES[NONE] = "Nothing"
MOST_PAIRS = 100
#: The filters that the program adds to the fields of a body; see `messages.message_filters`.
_OUR_FILTERS = re.compile(r" \| (?:_json|_text_or_list|_inside)\b ?")
_SECRET_NAME = re.compile(r"[A-Za-z]\w{0,59}")
_IN_HEADERS_ONLY = "A secret can only be used in a header."


def problems_of(settings: Settings, subject: Subject) -> Iterator[Problem]:
    """Yield every problem of a request's settings."""
    if text_of(settings, "method") not in METHODS:
        yield Problem("settings.method", f"Choose a method: {', '.join(METHODS)}.")
    yield from _url(text_of(settings, "url"), subject)
    yield from _headers(text_of(settings, "headers"), subject)
    yield from _body(settings, subject)
    yield from _answer(settings)


def _url(url: str, subject: Subject) -> Iterator[Problem]:
    problem = request_parts.url_problem(url)
    sentences = [problem] if problem else text_problems(url.strip(), subject)
    yield from (Problem("settings.url", sentence) for sentence in sentences)


def _headers(text: str, subject: Subject) -> Iterator[Problem]:
    headers = request_parts.headers_of(text)
    if len(headers) > request_parts.MOST_HEADERS:
        yield Problem("settings.headers", f"The limit is {request_parts.MOST_HEADERS} headers.")
        return
    for name, value in headers:
        problem = request_parts.header_problem(name, value)
        pieces = request_parts.header_texts(value)
        inner = [sentence for piece in pieces for sentence in text_problems(piece, subject)]
        for sentence in [problem] if problem else inner:
            yield Problem("settings.headers", sentence)


def _body(settings: Settings, subject: Subject) -> Iterator[Problem]:
    kind, text = text_of(settings, "body_kind"), text_of(settings, "body")
    if kind not in BODIES:
        yield Problem("settings.body_kind", "Choose what is sent along.")
    elif request_parts.mentions_secret(text):
        yield Problem("settings.body", _IN_HEADERS_ONLY)
    elif kind == RAW:
        yield from (Problem("settings.body", sentence) for sentence in _raw(text, subject))
    elif kind in (FORM, PAIRS):
        yield from (Problem("settings.body", sentence) for sentence in _pairs(text, subject, kind == PAIRS))


def _raw(text: str, subject: Subject) -> Iterator[str]:
    if body_blocks.has_blocks(text):
        yield from _with_blocks(text, subject)
        return
    try:
        body = json_body.parse(text)
    except json_body.BodyNotJson as error:
        yield str(error)
        return
    if any("{{" in name or "{%" in name for name in json_body.names(body)):
        yield "A name in the body is fixed: take the field out of its quotation marks."
    for template in json_body.texts(body):
        yield from map(_told, text_problems(template, subject))


def _with_blocks(body: str, subject: Subject) -> Iterator[str]:
    try:
        template = body_blocks.template_of(body)
    except json_body.BodyNotJson as error:
        yield str(error)
        return
    for problem in template_problems(template, subject):
        # The columns are those of the body with our filters in it.
        yield _told(f"Line {problem.line}: {problem.sentence}")


def _told(sentence: str) -> str:
    """Return a sentence about a text of a body without our filters, and how a list can be sent as well."""
    advice = (
        " Or send all of it: write the field without quotation marks." if " is a list. Go" in sentence else ""
    )
    return _OUR_FILTERS.sub("", sentence) + advice


def _pairs(text: str, subject: Subject, with_lists: bool) -> Iterator[str]:
    pairs = pair_body.pairs_of(text)
    if not pairs:
        yield "Write at least one field, like “reference = {{ order.number }}”, or send nothing along."
    if len(pairs) > MOST_PAIRS:
        yield f"The limit is {MOST_PAIRS} fields."
        return
    wrong = [name or value for name, value in pairs if not name or "{" in name]
    yield from (f"“{line[:60]}” is not a field. Write “name = value”, one per line." for line in wrong)
    if pair_body.has_block_lines(text):
        if not wrong:
            yield from _with_blocks(pair_body.as_json_body(text, with_lists), subject)
        return
    for name, value in pairs:
        if name and "{" not in name:
            template = (pair_body.alone(value) if with_lists else "") or value
            yield from (_OUR_FILTERS.sub("", sentence) for sentence in text_problems(template, subject))


def _answer(settings: Settings) -> Iterator[Problem]:
    status = text_of(settings, "status").strip()
    if status and not (status.isascii() and status.isdecimal() and 100 <= int(status[:4]) <= 599):
        yield Problem(
            "settings.status", "Enter a status such as 201, or leave it empty for any from 200 to 299."
        )
    if text_of(settings, "answer_value").strip() and not text_of(settings, "answer_path").strip():
        yield Problem(
            "settings.answer_path", "Enter where in the answer this value is, like status or job.state."
        )
    name = text_of(settings, "signed_with").strip()
    if name and not _SECRET_NAME.fullmatch(name):
        yield Problem("settings.signed_with", "Enter the name of a secret: letters, digits and underscores.")
