"""A real HTTP server that plays the API of a shop: answers by path, and what was asked."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from tests.kit.outside.outside import allowing

#: Returns an answer by the path with its query; None for 404.
Answerer = Callable[[str], Any]


@dataclass
class PlayedApi:
    """`answers` are JSON values, or whole responses, by path; `asked` are the paths in the order asked."""

    site: str
    answers: dict[str, Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    #: Runs before each answer; what it returns is answered instead.
    before: Answerer = lambda path: None

    def answer(self, request: Request) -> Response:
        """Answer one request."""
        query = request.query_string.decode()
        path = f"{request.path}?{query}" if query else request.path
        self.asked.append(path)
        self.headers.append({name.lower(): value for name, value in request.headers.items()})
        found = self.before(path)
        found = self.answers.get(path) if found is None else found
        if found is None:
            return Response('{"errors": [{"code": "NOT_FOUND"}]}', 404)
        if isinstance(found, Response):
            return found
        return Response(json.dumps(found), content_type="application/json")


@contextmanager
def played() -> Iterator[PlayedApi]:
    """A running server that this process may call."""
    with allowing("127.0.0.1", "localhost"), HTTPServer(host="127.0.0.1") as server:
        api = PlayedApi(server.url_for("").rstrip("/"))
        server.expect_request(re.compile(".*")).respond_with_handler(api.answer)
        yield api
