"""A JSON body with conditions and loops around its parts: {% if … %}, {% for … %}.

Each branch of a block has to leave the JSON at the same place, so the body is JSON for every record. The
fields get filters that write them as JSON, so that nothing a customer wrote can open or close a text.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field

from automations.actions.shared.json_body import DEEPEST, BodyNotJson, with_filter
from automations.actions.shared.json_places import END, OutOfPlace, Place
from automations.messages.message_filters import AS_JSON, AS_TEXT_OR_LIST, INSIDE_TEXT
from automations.messages.template_problem import problem_at
from automations.messages.template_scan import BLOCKS, LOOP_TAGS, TagText, scan

#: An output as `pairs_body` marks it: a list stays a list, anything else becomes text.
_MARKED = re.compile(r"\|\s*" + AS_TEXT_OR_LIST + r"\s*-?\}\}$")
#: What decides whether one stands inside quotation marks.
_QUOTES = re.compile(r'\\.|"', re.DOTALL)
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]:]|[^\s{}\[\]:",]+')
_OPENS, _CLOSES = ("{", "[", ":"), ("}", "]", ":")
_SEVERAL_PLACES = (
    "the parts between {{% {0} … %}} and {{% end{0} %}} leave the JSON at different places. "
    'Put whole values or whole “"name": value” pairs into each, and {{% else %}} where a value is needed.'
)


@dataclass
class _Block:
    """An open block: where it began and where its branches ended so far."""

    tag: TagText
    begin: Place
    ends: list[Place] = field(default_factory=list)
    has_else: bool = False


def has_blocks(text: str) -> bool:
    """Return whether a body has blocks around its parts, outside quotation marks."""
    if "{{%" in text:
        return True
    in_text, position = False, 0
    for tag in scan(text)[0]:
        for mark in _QUOTES.findall(text[position : tag.start]):
            in_text = in_text != (mark == '"')
        if tag.source.startswith("{%") and not in_text:
            return True
        position = tag.start + len(tag.source)
    return False


def template_of(text: str) -> str:
    """Return the template that renders the body, for `assembled`. Raises BodyNotJson."""
    tags, problems = scan(text)
    if "{{%" in text:
        raise BodyNotJson("Put a space between { and {%, or they are read as the beginning of a field.")
    if problems:
        raise BodyNotJson(str(problems[0]))
    return _Reader(text).template(tags)


def assembled(rendered: str) -> object:
    """Return what a rendered template holds. Raises ValueError if it is not JSON."""
    pieces: list[str] = []
    for mark in _TOKEN.findall(rendered):
        if pieces and pieces[-1] not in _OPENS and mark not in _CLOSES:
            pieces.append(",")
        pieces.append(mark)
    return json.loads("".join(pieces))


@dataclass
class _Reader:
    """Reads a body from its start to its end."""

    text: str
    place: Place = field(default_factory=Place)
    blocks: list[_Block] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)

    def template(self, tags: list[TagText]) -> str:
        position = 0
        for tag in tags:
            self._literal(position, tag.start)
            self._tag(tag)
            position = tag.start + len(tag.source)
        self._literal(position, len(self.text))
        if self.place.expects != (END,):
            raise self._misplaced(len(self.text))
        return "".join(self.pieces)

    def _literal(self, start: int, end: int) -> None:
        try:
            self.place, tokens = self.place.read(self.text[start:end])
        except OutOfPlace as error:
            raise self._misplaced(start + error.index) from None
        if len(self.place.expects) > DEEPEST:
            raise BodyNotJson(f"The body is nested too deeply; {DEEPEST} levels are enough.")
        self.pieces += tokens

    def _tag(self, tag: TagText) -> None:
        if self.place.in_name:
            raise self._refused(
                tag, "A name in the body is fixed: take the field out of its quotation marks."
            )
        source = tag.source.replace('\\"', '"') if self.place.in_text else tag.source
        if not tag.name and not tag.source.startswith("{%"):
            self.pieces.append(self._output(tag, source))
            return
        self._block(tag)
        self.pieces.append(source if self.place.in_text else f",{source},")

    def _output(self, tag: TagText, source: str) -> str:
        if self.place.in_text:
            return with_filter(source, INSIDE_TEXT)
        try:
            self.place = self.place.after_value()
        except OutOfPlace:
            raise self._misplaced(tag.start) from None
        return f",{source}," if _MARKED.search(source) else f",{with_filter(source, AS_JSON)},"

    def _block(self, tag: TagText) -> None:
        if tag.name in BLOCKS:
            self.blocks.append(_Block(tag, self.place))
        elif tag.name in LOOP_TAGS:
            loop = next(block for block in reversed(self.blocks) if block.tag.name == "for")
            if self.place != loop.begin:
                raise self._different(loop)
        elif tag.name.startswith("end"):
            self._end(self.blocks.pop())
        else:
            block = self.blocks[-1]
            is_first_when = block.tag.name == "case" and not block.ends and tag.name == "when"
            block.ends.append(block.begin if is_first_when else self.place)
            block.has_else = block.has_else or tag.name == "else"
            self.place = block.begin

    def _end(self, block: _Block) -> None:
        # The part between {% case %} and the first {% when %} is never shown.
        ends = {*block.ends[block.tag.name == "case" :], self.place}
        if not block.has_else or block.tag.name == "for":
            ends.add(block.begin)
        if len(ends) > 1:
            raise self._different(block)

    def _different(self, block: _Block) -> BodyNotJson:
        return self._refused(block.tag, _SEVERAL_PLACES.format(block.tag.name))

    def _refused(self, tag: TagText, sentence: str) -> BodyNotJson:
        return BodyNotJson(f"Line {problem_at(self.text, tag.start, '').line}: {sentence}")

    def _misplaced(self, index: int) -> BodyNotJson:
        place = problem_at(self.text, index, "")
        return BodyNotJson(f"The body is not JSON: line {place.line}, column {place.column}.")
