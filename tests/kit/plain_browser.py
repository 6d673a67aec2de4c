"""A browser without JavaScript: chooses only what a page offers, presses only what stands on it."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextvars import Context
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.kit.page_parts import Button, Control, PageParts
from tests.web.pages import text_of


def apart(ask: Callable[..., TestResponse], *args: Any, **options: Any) -> TestResponse:
    """A request as a server gets it: in a context of its own, not in that of the test.

    Within the test's context all browsers would share what belongs to one request, such as its form token.
    """
    return Context().run(ask, *args, **options)


class PlainBrowser:
    """One signed-in person's browser. Everything is found by the words that stand beside it."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.answer: TestResponse
        self.page: PageParts
        #: Whether something was chosen since the page was drawn, so that it may offer something else.
        self._stale = False

    def goto(self, path: str) -> None:
        self._show(apart(self.client.get, path, follow_redirects=True))

    def put(self, label: str, value: str, area: str = "") -> None:
        """Choose the entry called `value` in a list, or write `value` into a field."""
        control = self._find(label, area)
        if control.tag == "select":
            if value not in _labels(control) and self._stale:
                self.press("Update choices")
                control = self._find(label, area)
            found = [key for key, words in control.options if words == value]
            assert found, f"“{label}” offers no “{value}”, only {_labels(control)}."
            control.value = found[0]
        else:
            control.value = value
        self._stale = True

    def tick(self, label: str, area: str = "") -> None:
        control = self._find(label, area)
        assert control.type in ("checkbox", "radio"), f"“{label}” cannot be ticked."
        control.checked = self._stale = True

    def offered(self, label: str, area: str = "") -> list[str]:
        """The entries of a list, without the empty one."""
        return [words for key, words in self._find(label, area).options if key]

    def value(self, label: str, area: str = "") -> str:
        return self._find(label, area).value

    def press(self, words: str, area: str = "") -> None:
        """Press the button that is called so, or else that begins so."""
        button = self._button(words, area)
        data: dict[str, list[str]] = {button.name: [button.value]} if button.name else {}
        for control in self.page.controls:
            if control.form == button.form and control.sent:
                data.setdefault(control.name, []).append(control.value)
        path = button.action or self.page.forms[button.form]
        self._show(apart(self.client.post, path, data=data, follow_redirects=True))

    @property
    def words(self) -> str:
        """What can be read on the page."""
        # Where a tag ends before a comma, there is no space to be seen.
        return re.sub(r" ([,.:;?])", r"\1", text_of(self.answer))

    @property
    def path(self) -> str:
        return self.answer.request.path

    def _show(self, answer: TestResponse) -> None:
        assert answer.status_code < 500, answer.text
        self.answer, self.page, self._stale = answer, PageParts(answer.text), False

    def _find(self, label: str, area: str) -> Control:
        found = self._called(label, area)
        if not found and self._stale:
            self.press("Update choices")
            found = self._called(label, area)
        assert len(found) == 1, f"{len(found)} controls are called “{label}” on {self.path}: {self._all()}"
        assert found[0].enabled, f"“{label}” cannot be changed."
        return found[0]

    def _called(self, label: str, area: str) -> list[Control]:
        found = [one for one in self.page.controls if one.shown and one.label == label]
        return [one for one in found if not area or area in one.areas]

    def _button(self, words: str, area: str) -> Button:
        here = [one for one in self.page.buttons if one.enabled and (not area or area in one.areas)]
        found = [one for one in here if one.called == words]
        found = found or [one for one in here if one.called.startswith(words)]
        assert found, f"There is no button “{words}” on {self.path}: {[one.called for one in here]}"
        return found[0]

    def _all(self) -> list[str]:
        return [one.label for one in self.page.controls if one.shown]


def _labels(control: Control) -> list[str]:
    return [words for _, words in control.options]
