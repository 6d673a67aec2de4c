"""A stored file as a download."""

from __future__ import annotations

import io

from flask import Response, send_file

from automations.connectors.plain_text import one_line
from automations.connectors.stored_file import StoredFile

LONGEST_NAME = 200


def download(file: StoredFile) -> Response:
    """Return a file to be kept, never to be opened as a page of this program."""
    # A header is one line.
    name = one_line(file.name, LONGEST_NAME)
    response = send_file(io.BytesIO(file.content), mimetype=file.type, as_attachment=True, download_name=name)
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "private, no-store"
    return response
