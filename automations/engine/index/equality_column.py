"""An index column for values compared by equality: choices, references, texts and tags."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from automations.engine.index.bitset import Few, bits_of, toggled
from automations.engine.operators.value_types import Needed, Value, fold, missing
from automations.engine.rules.typed_rule import TypedPart

# No value can contain NUL, so this stands for any value that no rule mentions.
_OTHER = "\0"
_REMEMBERED = 128


class EqualityColumn(dict[Value | None, int]):
    """A cache of value -> the slots whose conditions on this field the value satisfies.

    The result is `_other`, with the slots toggled that treat this value differently. A rule without a
    condition on this column is in `_other`, so most rules cost one bit of one integer.
    """

    def __init__(self, slots: int) -> None:
        super().__init__()
        self._other = slots
        self._odd: dict[str | None, Few | int] = {}

    def __missing__(self, value: Value | None) -> int:
        slots = self._other
        for key in self._keys(value):
            odd = self._odd.get(key)
            if odd:
                slots ^= bits_of(odd)
        if len(self) >= _REMEMBERED:
            self.clear()
        self[value] = slots
        return slots

    def toggle(self, slot: int, parts: Sequence[TypedPart]) -> bool:
        """Add or remove a slot; return True if the column is exact only for missing values."""
        self.clear()
        mentioned = {key for part in parts if part.needed is not None for key in self._keys(part.needed)}
        if self._beyond(parts, mentioned):
            self._other ^= 1 << slot
            if not _holds(parts, None):
                self._toggle_odd(None, slot)
            return True
        usual = _holds(parts, self._value(_OTHER))
        if usual:
            self._other ^= 1 << slot
        for key in (None, *mentioned):
            if _holds(parts, self._value(key)) != usual:
                self._toggle_odd(key, slot)
        return False

    def _toggle_odd(self, key: str | None, slot: int) -> None:
        kept = toggled(self._odd.get(key, ()), slot)
        if kept:
            self._odd[key] = kept
        else:
            self._odd.pop(key, None)

    def _keys(self, value: Needed | None) -> Iterable[str | None]:
        # Only the value of a condition can be a set here.
        if isinstance(value, frozenset) and value:
            return {str(item) for item in value}
        return (None if missing(value) else str(value),)

    def _value(self, key: str | None) -> Value | None:
        return key

    def _beyond(self, parts: Sequence[TypedPart], mentioned: set[str | None]) -> bool:
        return not all(part.operator.by_position for part in parts)


class Tagged(EqualityColumn):
    """A column for tags: each tag of a record toggles the slots that mention it."""

    def _keys(self, value: Needed | None) -> Iterable[str | None]:
        return {fold(str(tag)) for tag in value} if isinstance(value, frozenset) and value else (None,)

    def _value(self, key: str | None) -> Value | None:
        return None if key is None else frozenset({key})

    def _beyond(self, parts: Sequence[TypedPart], mentioned: set[str | None]) -> bool:
        # Two tags of one rule would toggle its slot twice, which cancels out.
        return len(mentioned) > 1


def _holds(parts: Sequence[TypedPart], value: Value | None) -> bool:
    return all(part.holds(value) for part in parts)
