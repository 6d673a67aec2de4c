"""The pages of rule files as a person uses them: choosing files, and applying the plan that is shown."""

from __future__ import annotations

import io
import re
from html import unescape

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

PAGE = "/settings/files"


def plan_files(client: FlaskClient, *files: tuple[str, bytes]) -> TestResponse:
    """Choose these files, each a name and its content."""
    data = {"files": [(io.BytesIO(content), name) for name, content in files]}
    return client.post(f"{PAGE}/plans", data=data)


def carried(answer: TestResponse) -> dict[str, str]:
    """Return what the form under a plan would send; nothing where it cannot be applied."""
    pairs = re.findall(r'<input type="hidden" name="(files|fingerprint)" value="([^"]*)">', answer.text)
    return {name: unescape(value) for name, value in pairs}


def apply_plan(client: FlaskClient, plan: TestResponse) -> TestResponse:
    """Press the button under a plan."""
    return client.post(f"{PAGE}/applications", data=carried(plan))
