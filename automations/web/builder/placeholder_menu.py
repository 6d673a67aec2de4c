"""The "Insert a field" menu: the record's fields, answers to earlier requests, the store's secrets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from typing import Any

from automations.actions.shared.action_kind import text_of
from automations.connectors.http_responses import path_steps
from automations.engine.fields.subject import Subject
from automations.messages.message_fields import Snippet, SnippetGroup, fields
from automations.messages.path_spelling import spelled
from automations.models.db.base import db
from automations.models.settings.choices import StoreWords
from automations.models.tables.automation import Automation
from automations.models.tables.secret import secret_names
from automations.pipeline.delivery.previous_responses import Steps, known_paths


@dataclass(frozen=True)
class Menu:
    """The placeholders available to the actions of one draft."""

    automation: Automation
    subject: Subject | None
    actions: Sequence[Mapping[str, Any]]
    words: StoreWords

    def of(self, place: int, with_secrets: bool) -> list[SnippetGroup]:
        """Return the menu for a field of the action at `place` (from 0)."""
        groups = [*self._fields, *(self._answer(request) for request in self._requests if request < place)]
        return [*groups, self._secrets] if with_secrets and self._secrets.snippets else groups

    @cached_property
    def _fields(self) -> list[SnippetGroup]:
        return fields(self.subject.key, self.subject.custom) if self.subject else []

    @cached_property
    def _requests(self) -> list[int]:
        return [place for place, action in enumerate(self.actions) if action["kind"] == "http_request"]

    @cached_property
    def _paths(self) -> Mapping[int, Sequence[Steps]]:
        """The paths in the latest answer to each request, by the request's place."""
        return known_paths(db.session(), self.automation.id, self._requests)

    @cached_property
    def _secrets(self) -> SnippetGroup:
        names = secret_names(db.session(), self.words.store_id)
        return SnippetGroup("Secrets", tuple(Snippet(name, f"{{{{ secrets.{name} }}}}") for name in names))

    def _answer(self, place: int) -> SnippetGroup:
        """Return placeholders for the answer to the request at `place`, by its latest answer or settings."""
        expected = _steps(text_of(self.actions[place]["settings"], "answer_path"))
        paths = dict.fromkeys([*filter(None, [expected]), *self._paths.get(place, ())]) or {("id",): None}
        return SnippetGroup(
            f"Answer of action {place + 1}", tuple(answer_snippet(place, steps) for steps in paths)
        )


def answer_snippet(place: int, steps: Steps) -> Snippet:
    """Return the field for a value in the answer to the request at `place` (from 0)."""
    label = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
    path = reduce(spelled, steps, f"answers.{place + 1}")
    return Snippet(label.removeprefix("."), f"{{{{ {path} }}}}")


def _steps(path: str) -> Steps:
    """Return the steps of a path as people write it for an expected answer: "jobs.0.id"."""
    return tuple(int(step) if step.isdecimal() else step for step in path_steps(path))
