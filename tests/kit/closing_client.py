"""A client that ends every answer, as a server does, also those of which a test reads only the status."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse


class ClosingClient(FlaskClient):
    """Reads each answer to its end and closes it.

    A file that is written while it is sent keeps its request's context until then; left alone, it ends
    whenever its memory is collected, in the middle of another request.
    """

    def open(self, *args: Any, buffered: bool = True, **kwargs: Any) -> TestResponse:
        return super().open(*args, buffered=buffered, **kwargs)
