"""What a program answered to a request that a person tried, with a field for each of its values."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from automations.actions import ACTIONS
from automations.connectors.plain_text import one_line
from automations.engine.operators.value_types import counted
from automations.pipeline.delivery.previous_responses import is_cut_json, out_of_reach, values_of
from automations.web.builder.controls import Option
from automations.web.builder.placeholder_menu import answer_snippet

#: The longest value that is shown of an answer, and the longest text of a page that is read back.
LONGEST, LONGEST_KEPT = 120, 60_000
#: The most values of an answer that are shown.
MOST = 60

Row = tuple[str, str, str]


@dataclass(frozen=True)
class TriedAnswer:
    """The answer to the request of the action at `place` (from 1), and what became of it in a sentence."""

    place: int
    told: str
    went: bool
    #: (path, the field that later actions use, value)
    rows: tuple[Row, ...] = ()
    #: The texts of later actions that a field can be put into.
    targets: tuple[Option, ...] = ()
    #: The text that was chosen last.
    target: str = ""

    @property
    def kept(self) -> str:
        """The answer as the page sends it back, so that several fields can be taken from it."""
        return json.dumps([self.place, self.told, self.went, self.rows])


def tried_answer(
    place: int, told: str, went: bool, answer: Mapping[str, Any] | None, actions: Sequence[Mapping[str, Any]]
) -> TriedAnswer:
    """Return the answer to a request; `answer` is as an attempt would keep it, None without one."""
    if is_cut_json(answer):
        told = f"{told} The answer is too large to be read in full, so its values cannot be used."
        return TriedAnswer(place, told, went, (), tuple(targets(actions, place)))
    found = values_of(answer)
    rows = [
        (snippet.label, snippet.snippet, one_line(value, LONGEST))
        for steps, value in found[:MOST]
        for snippet in (answer_snippet(place - 1, steps),)
    ]
    if len(found) > MOST:
        told = f"{told} The first {MOST} of its {counted(len(found))} values are shown."
    if missing := out_of_reach(answer):
        many = f"{counted(missing)} {'value is' if missing == 1 else 'values are'}"
        told = f"{told} {many} left out, as no field can reach that deep or have such a name."
    return TriedAnswer(place, told, went, tuple(rows), tuple(targets(actions, place)))


def read_back(text: str, actions: Sequence[Mapping[str, Any]]) -> TriedAnswer | None:
    """Return the answer that a page sent back, None if it cannot be read."""
    try:
        place, told, went, rows = json.loads(text[:LONGEST_KEPT])
        known = tuple((str(path), str(field), str(value)) for path, field, value in rows)
        return TriedAnswer(int(place), str(told), went is True, known, tuple(targets(actions, int(place))))
    except (ValueError, TypeError, RecursionError):
        return None


def targets(actions: Sequence[Mapping[str, Any]], place: int) -> Iterator[Option]:
    """Yield the texts of the actions behind the one at `place` (from 1): "1-message", "Action 2: Message"."""
    for number, action in enumerate(actions[place:], start=place):
        kind = ACTIONS.get(str(action["kind"]))
        if kind is None:
            continue
        for field in kind.Form(data=action["settings"]):
            if field.short_name in kind.Form.template_fields:
                label = f"Action {number + 1}: {field.label.text}"
                yield Option(f"{number}-{field.short_name}", label)
