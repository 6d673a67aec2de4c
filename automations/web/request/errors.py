"""Error pages inside the layout for people, and problem details for the API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask, Response, g, jsonify, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, SecurityError
from werkzeug.wrappers import Response as BaseResponse

from automations.web.kit.fragments import render_notice, wants_fragment
from automations.web.request import denied_log

HOOKS = "hooks"
#: The first part of the paths whose callers are programs: they read problem details, never a page.
PROGRAMS = ("api", HOOKS, "metrics", "health", ".well-known")
#: The title and sentence of each status.
WORDS = {
    400: ("That request could not be read", "Something in it is not as expected. Go back and try again."),
    401: ("You are signed out", "Sign in and try again."),
    403: ("You cannot do this", "Ask an admin of your store, who can change your role."),
    404: ("There is nothing here", "It may have been removed, or it belongs to another store."),
    405: ("This address does not take that request", "Go back and use the buttons of the page."),
    409: ("Someone else got there first", "Load the page again to see what changed."),
    413: ("That is too large", "A request may have at most {} MB. Send less at a time."),
    415: ("This kind of content is not supported", "Send JSON, or use the form of the page."),
    429: ("Too many requests", "Wait a minute, then try again."),
    500: (
        "Something went wrong here",
        "Nothing was changed, and the failure is in the log. Try again in a moment.",
    ),
    503: ("Not available just now", "Try again in a moment."),
}
#: What the API answers where the sentence for people makes no sense.
API_WORDS = {
    401: ("No valid key", "Send a valid API key in the header Authorization: Bearer …"),
    404: ("Not found", "There is no such address. /api/openapi.json lists all of them."),
    405: ("Method not allowed", "Use one of the methods in the header Allow; see /api/openapi.json."),
}
#: The same for the addresses of webhooks, whose callers sign instead of sending a key.
HOOK_WORDS = {
    401: ("Signature missing or wrong", "Sign the message with the secret of this address."),
    404: ("Not found", "No webhook is taken at this address. Copy it again from the settings."),
    405: ("Method not allowed", "Send webhooks as POST."),
}
EXPIRED = (
    "This page was open too long, or your browser refuses our cookie; nothing was changed. "
    "Go back, load the page again, then send it."
)


class Application(Flask):
    """Flask, but the log names the URL rule of a failed request, not its address: anybody can write that."""

    def log_exception(self, exc_info: Any) -> None:
        """Log the method and URL rule of the failed request."""
        self.logger.error("Failed: %s %s", request.method, request.url_rule, exc_info=exc_info)

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function: none of ours is asynchronous, and Flask would ask each one in each request."""
        return func


def register(app: Flask) -> None:
    """Answer every HTTP error with our own page. Flask logs any other exception and makes it a 500."""
    app.register_error_handler(HTTPException, _handle)


def _handle(error: HTTPException) -> BaseResponse:
    if isinstance(error, SecurityError):
        # With an untrusted host no URL can be built, so no page can be rendered.
        return Response("This host name is not in TRUSTED_HOSTS.\n", 400, mimetype="text/plain")
    if isinstance(error.response, BaseResponse):
        return error.response
    if isinstance(error, CSRFError):
        denied_log.log("token of its form", denied_log.person())
    status = error.code or 500
    answer = render_error(status, *_words(error, status))
    for header, value in error.get_headers():
        if header != "Content-Type":
            answer.headers[header] = value
    return answer


def render_error(status: int, title: str, sentence: str) -> Response:
    """Return the error as the caller reads it: problem details, a fragment, or a page."""
    if _area() in PROGRAMS:
        problem = {"type": "about:blank", "title": title, "status": status, "detail": sentence}
        answer = make_response(jsonify(problem), status)
        answer.mimetype = "application/problem+json"
        return answer
    if wants_fragment():
        return render_notice(f"{title}. {sentence}", status)
    if status >= 500:
        # Rendering the navigation of a signed-in person may be what failed.
        g.membership = None
    return make_response(render_template("errors/error.html", title=title, sentence=sentence), status)


def _words(error: HTTPException, status: int) -> tuple[str, str]:
    words = WORDS
    if _area() in PROGRAMS:
        words = WORDS | (HOOK_WORDS if _area() == HOOKS else API_WORDS)
    title, sentence = words.get(status, (error.name, "Go back and try again."))
    if status == 413 and request.max_content_length:
        sentence = sentence.format(request.max_content_length // 1024**2)
    if isinstance(error, CSRFError):
        return "Not sent", EXPIRED
    has_own_words = error.description != type(error).description
    return title, str(error.description) if has_own_words and error.description else sentence


def _area() -> str:
    """Return the first part of the path: "hooks" for /hooks/easypost/1-x."""
    return request.path.split("/")[1]
