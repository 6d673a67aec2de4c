"""A file of a store, as messages carry it."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class StoredFile:
    """A file. `type` is its media type: "image/png"."""

    name: str
    type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class NamedFile:
    """What is known of a file without its content; it never changes: another one has another id."""

    id: int
    name: str
    type: str
    size: int
