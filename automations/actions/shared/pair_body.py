"""A body of one field per line, “name = value”, with conditions and loops on lines of their own."""

from __future__ import annotations

import json
import re

from automations.actions.shared.json_body import with_filter
from automations.messages.message_filters import AS_TEXT_OR_LIST

_TAG = re.compile(r"(\{\{.*?\}\}|\{%.*?%\})")
_BLOCK_LINE = re.compile(r"(?:\{%.{0,500}?%\}\s*)+")
_ONE_OUTPUT = re.compile(r"\{\{(?:(?!\}\}).)*\}\}")


def pairs_of(text: str) -> list[tuple[str, str]]:
    """Return (name, template) for each line "name = template"; any other line has an empty name."""
    return [_pair(line) for line in _lines(text) if line and not _BLOCK_LINE.fullmatch(line)]


def has_block_lines(text: str) -> bool:
    """Return whether there are conditions or loops around the lines."""
    return any(_BLOCK_LINE.fullmatch(line) for line in _lines(text))


def as_json_body(text: str, with_lists: bool) -> str:
    """Return the same body written out as JSON, one line for each; values are texts, or lists if allowed."""
    # A brace straight before {% would be read as the {{ of a field.
    return "{ " + "\n".join(_written(line, with_lists) for line in _lines(text)) + "}"


def alone(value: str) -> str:
    """Return a value as the template of its JSON if it is a field on its own, else ""."""
    return with_filter(value, AS_TEXT_OR_LIST) if _ONE_OUTPUT.fullmatch(value) else ""


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines()]


def _pair(line: str) -> tuple[str, str]:
    name, sign, value = line.partition("=")
    return (name.strip(), value.strip()) if sign else ("", name)


def _written(line: str, with_lists: bool) -> str:
    if not line or _BLOCK_LINE.fullmatch(line):
        return line
    name, value = _pair(line)
    written = alone(value) if with_lists else ""
    return f"{_quoted(name)}: {written or _quoted_around_tags(value)}"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _quoted_around_tags(value: str) -> str:
    pieces = _TAG.split(value)
    return f'"{"".join(piece if place % 2 else _quoted(piece)[1:-1] for place, piece in enumerate(pieces))}"'
