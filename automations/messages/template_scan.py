"""Scan the text of a template for its tags, and check that they are closed and paired before parsing.

The parser gets only text whose tags are all closed and short, so the cost of parsing is bounded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from automations.messages.similar import did_you_mean
from automations.messages.template_problem import TemplateProblem, problem_at

LONGEST_TEMPLATE = 20_000
LONGEST_TAG = 500
#: Block -> the tags allowed between its start and its end.
BLOCKS = {"if": ("elsif", "else"), "unless": ("elsif", "else"), "case": ("when", "else"), "for": ("else",)}
LOOP_TAGS = ("break", "continue")
_MIDDLES = {middle for middles in BLOCKS.values() for middle in middles}
TAGS = frozenset({*BLOCKS, *(f"end{name}" for name in BLOCKS), *_MIDDLES, *LOOP_TAGS})

_OPENING = re.compile(r"\{\{|\{%")
_CLOSING = {"{{": "}}", "{%": "%}"}
_NAME = re.compile(r"\{%-?\s{0,100}(#|\w{0,40})")


@dataclass(frozen=True)
class TagText:
    """One `{{ … }}` or `{% … %}`: its start index, its source and its name ("" for an output)."""

    start: int
    source: str
    name: str


def scan(text: str) -> tuple[list[TagText], list[TemplateProblem]]:
    """Return all tags in order, and the problems with how they are closed, named and paired."""
    tags, problems = [], []
    for tag in _tags(text):
        if isinstance(tag, TemplateProblem):
            problems.append(tag)
        else:
            tags.append(tag)
    unknown = [_unknown(text, tag) for tag in tags if tag.source.startswith("{%") and tag.name not in TAGS]
    return tags, problems or unknown or list(_unpaired(text, tags))


def _tags(text: str) -> Iterator[TagText | TemplateProblem]:
    position = 0
    while opening := _OPENING.search(text, position):
        start, closing = opening.start(), _CLOSING[opening.group()]
        end = text.find(closing, start + 2, start + LONGEST_TAG)
        if end < 0:
            sentence = f"Close {opening.group()} with {closing}, within {LONGEST_TAG} characters."
            yield problem_at(text, start, sentence)
            return
        source = text[start : end + 2]
        name = _NAME.match(source)
        yield TagText(start, source, name.group(1) if name else "")
        position = end + 2


def _unknown(text: str, tag: TagText) -> TemplateProblem:
    if not tag.name:
        return problem_at(text, tag.start, "This tag has no name. Write one such as {% if … %}.")
    hint = did_you_mean(tag.name, TAGS) or " Use if, unless, case or for."
    return problem_at(text, tag.start, f"There is no tag “{tag.name}”.{hint}")


def _unpaired(text: str, tags: list[TagText]) -> Iterator[TemplateProblem]:
    open_blocks: list[TagText] = []
    for tag in tags:
        if tag.name in BLOCKS:
            open_blocks.append(tag)
        elif tag.name and not _fits(tag.name, open_blocks):
            yield problem_at(text, tag.start, _misplaced(tag.name, open_blocks))
            return
        elif tag.name.startswith("end"):
            open_blocks.pop()
    for tag in open_blocks:
        yield problem_at(text, tag.start, f"This {tag.name} is not closed. Add {{% end{tag.name} %}}.")


def _fits(name: str, opened: list[TagText]) -> bool:
    if name in LOOP_TAGS:
        return any(tag.name == "for" for tag in opened)
    return bool(opened) and (name == f"end{opened[-1].name}" or name in BLOCKS[opened[-1].name])


def _misplaced(name: str, opened: list[TagText]) -> str:
    if name in LOOP_TAGS:
        return f"{{% {name} %}} only works between {{% for … %}} and {{% endfor %}}."
    if opened:
        return f"{{% {name} %}} does not belong here: close the {opened[-1].name} before it first."
    return f"{{% {name} %}} belongs to nothing: no block is open before it."
