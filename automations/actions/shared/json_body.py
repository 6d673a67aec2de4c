"""A JSON body with template fields, in which a field can never change the structure.

The template is parsed as JSON first and its texts are rendered one by one, so that nothing a customer
wrote can open or close a string. A field on its own, `{"items": {{ order.item_count }}}`, becomes a
number, true, false or null if it reads as one exactly, an array if it is a list of several fields, and
text otherwise.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from automations.messages.json_values import read
from automations.messages.message_filters import AS_JSON

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|\{\{.*?\}\}', re.DOTALL)
#: Marks a text that was a field on its own; `parse` refuses templates that contain it.
_ALONE = "\ue000alone:"
DEEPEST = 20

Render = Callable[[str], str]


class BodyNotJson(ValueError):
    """`str(error)` is a sentence for the user."""


def parse(template: str) -> object:
    """Return the template as JSON whose texts are still templates. Raises NotJson."""
    if _ALONE[0] in template:
        raise BodyNotJson("The body has a character that cannot be used.")
    try:
        body = json.loads(_TOKEN.sub(_quoted, template), parse_constant=_refused)
    except json.JSONDecodeError as error:
        raise BodyNotJson(f"The body is not JSON: line {error.lineno}, column {error.colno}.") from error
    except (ValueError, RecursionError) as error:
        raise BodyNotJson("The body is not JSON that can be sent. Make it simpler.") from error
    if _depth(body) > DEEPEST:
        raise BodyNotJson(f"The body is nested too deeply; {DEEPEST} levels are enough.")
    return body


def texts(body: object) -> list[str]:
    """Return every template in a parsed body."""
    if isinstance(body, dict):
        return [text for value in body.values() for text in texts(value)]
    if isinstance(body, list):
        return [text for value in body for text in texts(value)]
    return [_template(body)] if isinstance(body, str) else []


def names(body: object) -> list[str]:
    """Return every name in a parsed body."""
    if isinstance(body, dict):
        return [name for key, value in body.items() for name in (key, *names(value))]
    return [name for value in body for name in names(value)] if isinstance(body, list) else []


def with_filter(output: str, name: str) -> str:
    """Return an output with one more filter: {{ a }} -> {{ a | name }}."""
    end = "-}}" if output.endswith("-}}") else "}}"
    return f"{output.removesuffix(end).rstrip()} | {name} {end}"


def rendered(body: object, render: Render) -> object:
    """Return the parsed body with every text rendered; names stay as they are."""
    if isinstance(body, dict):
        return {key: rendered(value, render) for key, value in body.items()}
    if isinstance(body, list):
        return [rendered(value, render) for value in body]
    if not isinstance(body, str):
        return body
    text = render(_template(body))
    return _value(text.strip()) if body.startswith(_ALONE) else text


def _template(body: str) -> str:
    return with_filter(body.removeprefix(_ALONE), AS_JSON) if body.startswith(_ALONE) else body


def _quoted(token: re.Match[str]) -> str:
    text = token[0]
    return text if text.startswith('"') else json.dumps(_ALONE + text)


def _value(text: str) -> object:
    return json.loads(text) if text.startswith(('"', "[", "{")) else read(text)


def _depth(body: object) -> int:
    inner = body.values() if isinstance(body, dict) else body if isinstance(body, list) else ()
    return 1 + max(map(_depth, inner), default=0)


def _refused(name: str) -> None:
    raise ValueError(name)
