"""Values by name, each made when it is first looked at: a message shows few of a record's fields."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping


class LazyValues(Mapping[str, object]):
    """A mapping with these names; `make(name)` returns the value of one, and is asked once for each."""

    __slots__ = ("_made", "_make", "_names")

    def __init__(self, names: Collection[str], make: Callable[[str], object]) -> None:
        self._names = names
        self._make = make
        self._made: dict[str, object] = {}

    def __getitem__(self, name: str) -> object:
        if name not in self._made:
            if name not in self._names:
                raise KeyError(name)
            self._made[name] = self._make(name)
        return self._made[name]

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __repr__(self) -> str:
        return repr(dict(self))
