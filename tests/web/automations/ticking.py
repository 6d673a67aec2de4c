"""The list of records to run an automation for, as a page sends it."""

from __future__ import annotations

import re
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse


def select(client: FlaskClient, address: str, data: dict[str, Any]) -> TestResponse:
    """Send the form of the list and follow where it leads."""
    return client.post(address, data=data, follow_redirects=True)


def ticked(answer: TestResponse) -> set[str]:
    """Return the numbers of the ids that a page would send: ticked boxes, and what is ticked elsewhere."""
    boxes = re.findall(r'name="record" value="(\d+)" id="[^"]+" checked', answer.text)
    return {*boxes, *re.findall(r'type="hidden" name="record" value="(\d+)"', answer.text)}
