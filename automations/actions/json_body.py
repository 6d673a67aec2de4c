"""A JSON body with fields in it, whose values can only ever be values.

The template is read as JSON first and its texts are rendered one by one, so that nothing a customer
wrote can open or close anything. A field that stands alone, `{"items": {{ order.item_count }}}`,
becomes a number, true, false or null where it reads as one, and else a text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|\{\{.*?\}\}', re.DOTALL)
#: Begins a text that was a field standing alone; no person can type it.
_ALONE = "\ue000alone:"
_DEEPEST = 20
_NUMBER = re.compile(r"-?(0|[1-9]\d{0,15})(\.\d{1,15})?")
_WORDS = {"true": True, "false": False, "null": None, "": None}

Render = Callable[[str], str]


class NotJson(ValueError):
    """`str(error)` is a sentence for the user."""


def parse(template: str) -> object:
    """The template as JSON whose texts are still templates. Raises NotJson."""
    if _ALONE[0] in template:
        raise NotJson("The body has a character that cannot be used.")
    try:
        found = json.loads(_TOKEN.sub(_quoted, template), parse_constant=_refused)
    except json.JSONDecodeError as error:
        raise NotJson(f"The body is not JSON: line {error.lineno}, column {error.colno}.") from error
    except (ValueError, RecursionError) as error:
        raise NotJson("The body is not JSON that can be sent. Make it simpler.") from error
    if _depth(found) > _DEEPEST:
        raise NotJson(f"The body is nested too deeply; {_DEEPEST} levels are enough.")
    return found


def texts(body: object) -> list[str]:
    """Every template in a parsed body, the names included."""
    if isinstance(body, dict):
        return [text for key, value in body.items() for text in (key, *texts(value))]
    if isinstance(body, list):
        return [text for value in body for text in texts(value)]
    return [body.removeprefix(_ALONE)] if isinstance(body, str) else []


def rendered(body: object, render: Render) -> object:
    """The parsed body with every text rendered; the names of its values stay as they are."""
    if isinstance(body, dict):
        return {key: rendered(value, render) for key, value in body.items()}
    if isinstance(body, list):
        return [rendered(value, render) for value in body]
    if not isinstance(body, str):
        return body
    return _value(render(body.removeprefix(_ALONE)).strip()) if body.startswith(_ALONE) else render(body)


def _quoted(token: re.Match[str]) -> str:
    text = token[0]
    return text if text.startswith('"') else json.dumps(_ALONE + text)


def _value(text: str) -> object:
    if text in _WORDS:
        return _WORDS[text]
    return json.loads(text) if _NUMBER.fullmatch(text) else text


def _depth(body: object) -> int:
    inner = body.values() if isinstance(body, dict) else body if isinstance(body, list) else ()
    return 1 + max(map(_depth, inner), default=0)


def _refused(name: str) -> None:
    raise ValueError(name)
