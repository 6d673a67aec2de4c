"""Refusals and failures in words, inside the layout; as problem details for the API."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, g, jsonify, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, SecurityError

from automations.web import refusals
from automations.web.fragments import notice, wants_fragment

API = "/api/"
#: Title and sentence for each status we answer with.
WORDS = {
    400: ("That request could not be read", "Something in it is not as expected. Go back and try once more."),
    401: ("You are signed out", "Sign in and try again."),
    403: ("You cannot do this", "Ask an admin of your store, who can change your role."),
    404: ("There is nothing here", "It may have been removed, or it belongs to another store."),
    405: ("This address works differently", "Go back and use the buttons of the page."),
    409: ("Somebody was faster", "Load the page again to see what changed."),
    413: ("That is too large", "A request may have at most 8 MB. Send less at a time."),
    415: ("This kind of content is not understood", "Send JSON, or use the form of the page."),
    429: ("That was too often", "Wait a minute, then try again."),
    500: ("Something went wrong here", "Nothing was changed. It is in the log; try again in a moment."),
    503: ("Not available just now", "Try again in a moment."),
}
#: What a program is told where a person would be sent to another page.
API_WORDS = {
    401: ("No valid key", "Send a valid API key in the header Authorization: Bearer …"),
    404: ("Not found", "There is no such address. Every address is in /api/openapi.json."),
    405: ("Method not allowed", "Use one of the methods in the header Allow; see /api/openapi.json."),
}
EXPIRED = (
    "This page was open too long, or your browser refuses our cookie; nothing was changed. "
    "Go back, load the page again, then send it."
)


class Application(Flask):
    """Flask's, which writes the address of a failure into the log; and an address is a stranger's words."""

    def log_exception(self, exc_info: Any) -> None:
        """Where it happened, by the rule of the address."""
        self.logger.error("Failed: %s %s", request.method, request.url_rule, exc_info=exc_info)


def register(app: Flask) -> None:
    """Answer every refusal ourselves; Flask makes a 500 of whatever else is raised, and logs it."""
    app.register_error_handler(HTTPException, _refused)


def _refused(error: HTTPException) -> Response:
    if isinstance(error, SecurityError):
        # No page can be drawn for a host that is not ours: not even addresses can be made.
        return Response("This host name is not in TRUSTED_HOSTS.\n", 400, mimetype="text/plain")
    if error.response is not None:
        return error.response
    if isinstance(error, CSRFError):
        refusals.note("token of its form", refusals.person())
    status = error.code or 500
    answer = draw(status, *_words(error, status))
    for header, value in error.get_headers():
        if header != "Content-Type":
            answer.headers[header] = value
    return answer


def draw(status: int, title: str, sentence: str) -> Response:
    """The answer that says so, in the form the caller reads."""
    if request.path.startswith(API):
        problem = {"type": "about:blank", "title": title, "status": status, "detail": sentence}
        answer = make_response(jsonify(problem), status)
        answer.mimetype = "application/problem+json"
        return answer
    if wants_fragment():
        return notice(f"{title}. {sentence}", status)
    if status >= 500:
        # What is drawn for a person may be what failed.
        g.membership = None
    return make_response(render_template("errors/error.html", title=title, sentence=sentence), status)


def _words(error: HTTPException, status: int) -> tuple[str, str]:
    words = WORDS | API_WORDS if request.path.startswith(API) else WORDS
    title, sentence = words.get(status, (error.name, "Go back and try once more."))
    if isinstance(error, CSRFError):
        return "Not sent", EXPIRED
    own = error.description != type(error).description
    return title, str(error.description) if own and error.description else sentence
