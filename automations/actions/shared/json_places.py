"""Where in a JSON text one stands, mark by mark, so that both branches of a condition can be compared.

Commas are optional: what follows a value in a list or an object is the next one.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace

#: What may come next.
VALUE, ITEM, NAME, COLON, END = "a value", "an item", "a name", "a colon", "the end"
_TOKEN = re.compile(r'[\s,]+|"|[{}\[\]:]|-?\d[\d.eE+-]*|true|false|null')
_OPENING = {"{": NAME, "[": ITEM}
_CLOSING = {"}": NAME, "]": ITEM}


class OutOfPlace(ValueError):
    """A mark that cannot stand where it stands, at this index of the text that was read."""

    def __init__(self, index: int) -> None:
        super().__init__(index)
        self.index = index


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a JSON text: what may come next in each open list or object, innermost last."""

    expects: tuple[str, ...] = (VALUE,)
    in_text: bool = False

    @property
    def takes_value(self) -> bool:
        return not self.in_text and self.expects[-1] in (VALUE, ITEM)

    @property
    def in_name(self) -> bool:
        """Whether it is inside the quotation marks of a name."""
        return self.in_text and self.expects[-1] == NAME

    def after_value(self) -> Place:
        """Return the place behind a value. Raises OutOfPlace where none can stand."""
        if not self.takes_value:
            raise OutOfPlace(0)
        return self._behind_value()

    def read(self, text: str) -> tuple[Place, list[str]]:
        """Return the place behind a part of a JSON text, and its marks. Raises OutOfPlace."""
        place, marks, index = self, [], 0
        while index < len(text):
            if place.in_text:
                end = _end_of_text(text, index)
                marks.append(_checked(text[index:end], index))
                index = end
                if index < len(text):
                    place, index = place._after_quote(), index + 1
                    marks.append('"')
                continue
            mark = _TOKEN.match(text, index)
            if mark is None:
                raise OutOfPlace(index)
            place = place._behind(mark[0], index)
            marks.append(_spaced(mark[0], index))
            index = mark.end()
        return place, marks

    def _behind(self, mark: str, index: int) -> Place:
        expected = self.expects[-1]
        if mark.strip(" \t\r\n,") == "":
            if "," in mark and expected not in (ITEM, NAME):
                raise OutOfPlace(index)
            return self
        if mark == '"' and expected in (VALUE, ITEM, NAME):
            return replace(self, in_text=True)
        if mark == ":" and expected == COLON:
            return Place((*self.expects[:-1], VALUE))
        if mark in _OPENING and self.takes_value:
            return Place((*self._behind_value().expects, _OPENING[mark]))
        if mark in _CLOSING and expected == _CLOSING[mark] and len(self.expects) > 1:
            return Place(self.expects[:-1])
        if mark in ('"', ":", *_OPENING, *_CLOSING) or not self.takes_value:
            raise OutOfPlace(index)
        return self._behind_value()

    def _behind_value(self) -> Place:
        if self.expects[-1] == ITEM:
            return Place(self.expects)
        return Place((*self.expects[:-1], END if len(self.expects) == 1 else NAME))

    def _after_quote(self) -> Place:
        if self.expects[-1] == NAME:
            return Place((*self.expects[:-1], COLON))
        return Place(self.expects)._behind_value()


def _end_of_text(text: str, index: int) -> int:
    while index < len(text) and text[index] != '"':
        index += 2 if text[index] == "\\" else 1
    return min(index, len(text))


def _checked(part: str, index: int) -> str:
    try:
        json.loads(f'"{part}"')
    except ValueError:
        raise OutOfPlace(index) from None
    return part


def _spaced(mark: str, index: int) -> str:
    """Return a number or a word between commas, which keep it apart from what {%- and -%} push beside it."""
    if mark[0] in ' \t\r\n,"{}[]:':
        return mark
    try:
        json.loads(mark)
    except ValueError:
        raise OutOfPlace(index) from None
    return f",{mark},"
