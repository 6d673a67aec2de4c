"""Answers in JSON, and refusals as problem details (RFC 9457)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

import msgspec
from flask import Response, abort

from automations.engine.rules.rule_check import Problem

JSON = "application/json"
PROBLEM = "application/problem+json"


def answer(data: object, status: int = 200) -> Response:
    """Return plain data as a JSON response."""
    return Response(msgspec.json.encode(data), status, mimetype=JSON)


def problem(status: int, title: str, detail: str, problems: Sequence[Problem] = ()) -> Response:
    """Return a refusal; `problems` name the places in the body."""
    body: dict[str, object] = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    if problems:
        body["errors"] = [{"path": item.path, "detail": item.sentence} for item in problems]
    return Response(msgspec.json.encode(body), status, mimetype=PROBLEM)


def refuse(status: int, title: str, detail: str, problems: Sequence[Problem] = ()) -> NoReturn:
    """End the request with a problem."""
    abort(problem(status, title, detail, problems))
