"""A part of a page for htmx, the whole page for everybody else."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as Answer

NAME_OF_HEADER = "HX-Request"


def answer(fragment: str, page: str, status: int = 200, **context: Any) -> Response:
    """`fragment` (a template) when htmx asked for a part, else `page`."""
    response = make_response(render_template(fragment if wants_fragment() else page, **context), status)
    response.vary.add(NAME_OF_HEADER)
    return response


def wants_fragment() -> bool:
    """Whether htmx swaps the answer into a page that stays."""
    asked = request.headers.get(NAME_OF_HEADER) == "true"
    return asked and "HX-History-Restore-Request" not in request.headers


def notice(sentence: str, status: int, link: tuple[str, str] | None = None) -> Response:
    """A sentence for the place of notices of the page that asked, which otherwise stays as it is."""
    body = render_template("_notice.html", sentence=sentence, link=link)
    # Without the third, a control that picks one part of its answers would pick nothing here.
    headers = {"HX-Retarget": "#notices", "HX-Reselect": ".alert"}
    # The button that asked may be far below.
    headers["HX-Reswap"] = "innerHTML show:top showTarget:window"
    response = make_response(body, status, headers)
    response.vary.add(NAME_OF_HEADER)
    return response


def go_to(url: str) -> Answer:
    """On to another page after a change; htmx is told to load it as a whole."""
    return Response(status=204, headers={"HX-Redirect": url}) if wants_fragment() else redirect(url, 303)


def dom_id(record: Any, part: str = "") -> str:
    """The id of an element that is swapped: dom_id(run, "attempts") -> "run-9-attempts"."""
    name = record if isinstance(record, str) else f"{record.__tablename__}-{record.id}"
    return f"{name}-{part}".strip("-").replace("_", "-")


def register(app: Flask) -> None:
    """Give the templates `dom_id`."""
    app.jinja_env.globals.update(dom_id=dom_id)
