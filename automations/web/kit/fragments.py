"""Answer with a part of a page for htmx, with the whole page otherwise."""

from __future__ import annotations

import hashlib
from typing import Any

from flask import Flask, Response, g, make_response, redirect, render_template, request
from flask.globals import request_ctx
from werkzeug.wrappers import Response as Answer

HTMX_HEADER = "HX-Request"
#: Sent by a part of a page that asks for itself again and again.
FOLLOWS_HEADER = "X-Follows"


def render_part_or_page(fragment: str, page: str, status: int = 200, **context: Any) -> Response:
    """Render the template `fragment` if htmx asked for a part, else `page`; both know `is_part`."""
    is_part = wants_fragment()
    body = render_template(fragment if is_part else page, is_part=is_part, **context)
    response = make_response(body, status)
    response.vary.add(HTMX_HEADER)
    return response


def wants_fragment() -> bool:
    """Whether htmx swaps the answer into the current page; false when it restores a page from history."""
    by_htmx = request.headers.get(HTMX_HEADER) == "true"
    return by_htmx and "HX-History-Restore-Request" not in request.headers


def render_notice(sentence: str, status: int, link: tuple[str, str] | None = None) -> Response:
    """Return a sentence that htmx puts among the page's notices; the rest of the page stays as it is."""
    body = render_template("_notice.html", sentence=sentence, link=link)
    # Without HX-Reselect, a control whose hx-select picks one part of its answers would pick nothing here.
    headers = {"HX-Retarget": "#notices", "HX-Reselect": ".alert", "HX-Reswap": "innerHTML"}
    response = make_response(body, status, headers)
    response.vary.add(HTMX_HEADER)
    return response


def go_to(url: str) -> Answer:
    """Redirect to another page after a change; htmx loads the whole page."""
    return Response(status=204, headers={"HX-Redirect": url}) if wants_fragment() else redirect(url, 303)


def dom_id(record: Any, part: str = "") -> str:
    """Return the id of an element that htmx swaps: dom_id(run, "attempts") -> "run-9-attempts"."""
    name = record if isinstance(record, str) else f"{record.__tablename__}-{record.id}"
    return f"{name}-{part}".strip("-").replace("_", "-")


def register(app: Flask) -> None:
    """Register `dom_id` with templates; parts that follow along get a 304 while nothing changed."""
    app.jinja_env.globals.update(dom_id=dom_id)
    app.after_request(_unless_unchanged)


def _unless_unchanged(response: Response) -> Response:
    asked = request_ctx.request
    follows = FOLLOWS_HEADER in asked.headers and asked.method == "GET"
    if not follows or response.status_code != 200 or response.is_streamed:
        return response
    # The form token is another one in each response, and says nothing new.
    body, token = response.get_data(), g.get("csrf_token")
    body = body.replace(token.encode(), b"") if token else body
    response.set_etag(hashlib.sha256(body).hexdigest())
    response.make_conditional(asked)
    return response
