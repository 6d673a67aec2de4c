"""A browser without JavaScript: it chooses only offered options and presses only visible buttons."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from contextvars import Context
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.kit.pages.page_parts import Button, Control, PageParts
from tests.web.pages import text_of


def in_own_context(ask: Callable[..., TestResponse], *args: Any, **options: Any) -> TestResponse:
    """Send a request as a server receives it: in its own context rather than the test's.

    In the context of the test all browsers would share what belongs to one request, such as its form token.
    """
    return Context().run(ask, *args, **options)


class PlainBrowser:
    """One signed-in person's browser. It finds everything by label."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.answer: TestResponse
        self.page: PageParts
        #: Whether a value changed since the page was rendered, so that it may offer other choices.
        self._stale = False

    def goto(self, path: str) -> None:
        self._show(in_own_context(self.client.get, path, follow_redirects=True))

    def put(self, label: str, value: str, area: str = "") -> None:
        """Choose the option `value` of a select, or type `value` into a field."""
        control = self._find(label, area)
        if control.tag == "select" and value not in _labels(control) and self._stale:
            self.press("Update choices")
            control = self._find(label, area)
        # What was chosen before may have made it a field for a text.
        if control.tag == "select":
            keys = [key for key, words in control.options if words == value]
            assert keys, f"“{label}” offers no “{value}”, only {_labels(control)}."
            control.value = keys[0]
        else:
            control.value = value
        self._stale = True

    def tick(self, label: str, area: str = "") -> None:
        control = self._find(label, area)
        assert control.type in ("checkbox", "radio"), f"“{label}” cannot be ticked."
        control.checked = self._stale = True

    def offered(self, label: str, area: str = "") -> list[str]:
        """Return the options of a select, without the empty one."""
        return [words for key, words in self._find(label, area).options if key]

    def value(self, label: str, area: str = "") -> str:
        return self._find(label, area).value

    def follow(self, words: str) -> None:
        """Follow the first link whose words start so."""
        links = re.findall(r'<a\b[^>]*?href="([^"]+)"[^>]*>(.*?)</a>', self.answer.text, re.DOTALL)
        said = ((html.unescape(href), " ".join(re.sub("<[^>]+>", " ", text).split())) for href, text in links)
        self.goto(next(href for href, text in said if html.unescape(text).startswith(words)))

    def press(self, words: str, area: str = "") -> None:
        """Press the button with this name, or else the first one whose name starts with it."""
        button = self._button(words, area)
        data: dict[str, list[str]] = {button.name: [button.value]} if button.name else {}
        for control in self.page.controls:
            if control.form == button.form and control.sent:
                data.setdefault(control.name, []).append(control.value)
        path = button.action or self.page.forms[button.form]
        self._show(in_own_context(self.client.post, path, data=data, follow_redirects=True))

    @property
    def words(self) -> str:
        """The visible text of the page."""
        # No space is visible where a tag ends before punctuation.
        return re.sub(r" ([,.:;?])", r"\1", text_of(self.answer))

    @property
    def path(self) -> str:
        return self.answer.request.path

    def _show(self, answer: TestResponse) -> None:
        assert answer.status_code < 500, answer.text
        self.answer, self.page, self._stale = answer, PageParts(answer.text), False

    def _find(self, label: str, area: str) -> Control:
        controls = self._called(label, area)
        if not controls and self._stale:
            self.press("Update choices")
            controls = self._called(label, area)
        assert len(controls) == 1, (
            f"{len(controls)} controls are called “{label}” on {self.path}: {self._all()}"
        )
        assert controls[0].enabled, f"“{label}” cannot be changed."
        return controls[0]

    def _called(self, label: str, area: str) -> list[Control]:
        labelled = [control for control in self.page.controls if control.shown and control.label == label]
        return [control for control in labelled if not area or area in control.areas]

    def _button(self, words: str, area: str) -> Button:
        enabled = [
            button for button in self.page.buttons if button.enabled and (not area or area in button.areas)
        ]
        matches = [button for button in enabled if button.called == words]
        matches = matches or [button for button in enabled if button.called.startswith(words)]
        assert matches, (
            f"There is no button “{words}” on {self.path}: {[button.called for button in enabled]}"
        )
        return matches[0]

    def _all(self) -> list[str]:
        return [control.label for control in self.page.controls if control.shown]


def _labels(control: Control) -> list[str]:
    return [words for _, words in control.options]
