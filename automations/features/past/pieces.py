"""Cuts the values at some paths out of the JSON of snapshots, without decoding anything else."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from operator import attrgetter
from types import GenericAlias
from typing import Any

import msgspec

#: The path of a value in a snapshot; of a value of a line, it begins with LINES.
Path = tuple[str, ...]
NULL = b"null"
LINES = "lines"
_MISSING = msgspec.Raw(NULL)


class Pieces:
    """The pieces of snapshots at given paths."""

    def __init__(self, paths: Collection[Path]) -> None:
        #: By path of a value of lines, the name under which a cut line has it.
        self.line_names: Mapping[Path, str] = {}
        self._names: dict[Path, tuple[str, ...]] = {}
        inside = {path[0] for path in paths if len(path) == 2}
        fields: list[tuple[str, str, Any, Any]] = []
        for place, outer in enumerate(sorted(inside)):
            inner = [path for path in sorted(paths) if path[0] == outer and len(path) == 2]
            names: dict[Path, str] = {path: f"v{number}" for number, path in enumerate(inner)}
            part: Any = _cutter([(name, path[1], msgspec.Raw, _MISSING) for path, name in names.items()])
            if outer == LINES:
                self.line_names = names
                fields.append((LINES, LINES, GenericAlias(list, (part,)) | None, None))
                continue
            self._names |= {path: (f"n{place}", name) for path, name in names.items()}
            fields.append((f"n{place}", outer, part | None, None))
        for place, path in enumerate(sorted(paths)):
            if len(path) == 1 and path[0] not in inside:
                self._names[path] = (f"p{place}",)
                fields.append((f"p{place}", path[0], msgspec.Raw, _MISSING))
        self._cut = msgspec.json.Decoder(_cutter(fields)).decode

    def of(self, texts: Sequence[str]) -> tuple[list[Any], list[int]]:
        """Return the pieces of each snapshot, and the places of those that are not built as expected."""
        try:
            return list(map(self._cut, texts)), []
        except msgspec.ValidationError:
            return self._one_by_one(texts)

    def plain(self, path: Path, parts: Sequence[Any]) -> list[bytes] | None:
        """Return the JSON of the value at a path, NULL where there is none; None if it was not cut out."""
        names = self._names.get(path)
        if names is None:
            return None
        if len(names) == 1:
            return list(map(bytes, map(attrgetter(names[0]), parts)))
        outer, inner = attrgetter(names[0]), attrgetter(names[1])
        return [NULL if whole is None else bytes(inner(whole)) for whole in map(outer, parts)]

    def _one_by_one(self, texts: Sequence[str]) -> tuple[list[Any], list[int]]:
        empty = self._cut("{}")
        parts, odd = [], []
        for place, text in enumerate(texts):
            try:
                parts.append(self._cut(text))
            except msgspec.ValidationError:
                parts.append(empty)
                odd.append(place)
        return parts, odd


def _cutter(fields: Collection[tuple[str, str, Any, Any]]) -> Any:
    """Return a type with these fields: name, name in the JSON, type and default."""
    return msgspec.defstruct(
        "Part",
        [(name, type, default) for name, _, type, default in fields],
        rename={name: key for name, key, _, _ in fields},
        gc=False,
    )
