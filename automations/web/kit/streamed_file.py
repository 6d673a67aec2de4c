"""A file that is written while it is sent."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Response, request, stream_with_context
from flask_sqlalchemy.session import Session

from automations.models.db.base import db


def streamed_csv(lines: Iterator[str], name: str) -> Response:
    """Return the lines as a CSV file called `name`, which may read on in the session of the request.

    The request is over before the first line is sent, and its session would be closed with it: whatever was
    read for the lines could not be looked at any more. So the session goes along, and ends with the file.
    """
    response = Response(mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    # Who asks for the headers alone reads no line, and nothing would end the session.
    if request.method != "HEAD":
        kept = db.session()
        db.session.registry.clear()
        response.response = stream_with_context(_sent(lines, kept))
    return response


def _sent(lines: Iterator[str], kept: Session) -> Iterator[str]:
    db.session.registry.set(kept)
    yield from lines
