"""A disk that loses unsynced writes in a power cut: a layer under SQLite that keeps both states.

Each file is kept as the operating system shows it (`seen`) and as it surely is on disk (`durable`). A sync
makes them equal. A power cut leaves the durable state and any part of later writes: whole sectors arrive or
not, in any order.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

import apsw

SECTOR = 512


@dataclass
class Content:
    """One file, in the two states that a power cut tells apart."""

    seen: bytearray = field(default_factory=bytearray)
    durable: bytes = b""
    #: Writes since the last sync: offset and bytes; or a length and None for a truncation.
    pending: list[tuple[int, bytes | None]] = field(default_factory=list)

    def write(self, offset: int, data: bytes) -> None:
        if len(self.seen) < offset:
            self.seen.extend(bytes(offset - len(self.seen)))
        self.seen[offset : offset + len(data)] = data
        self.pending.append((offset, bytes(data)))

    def truncate(self, length: int) -> None:
        del self.seen[length:]
        self.pending.append((length, None))

    def sync(self) -> None:
        self.durable, self.pending = bytes(self.seen), []

    def after_cut(self, chance: random.Random) -> bytes:
        """Return the content after a power cut: the durable state with a random part of later writes."""
        content = bytearray(self.durable)
        arrives = chance.choice((0.0, 0.5, 1.0))
        for offset, data in self.pending:
            if data is None:
                if chance.random() < arrives:
                    del content[offset:]
                continue
            for start in range(0, len(data), SECTOR):
                if chance.random() < arrives:
                    _put(content, offset + start, data[start : start + SECTOR])
        return bytes(content)


class PowerCut(Exception):
    """The power is off."""


class SimulatedDisk:
    """All files of one machine; the power goes at the write or sync with number `cut_at`."""

    def __init__(self, files: dict[str, bytes] | None = None) -> None:
        self.files = {name: Content(bytearray(data), data) for name, data in (files or {}).items()}
        self.operations = 0
        self.cut_at: int | None = None

    def tick(self) -> None:
        """Count a write or sync before it happens. Raises PowerCut."""
        self.operations += 1
        if self.cut_at is not None and self.operations >= self.cut_at:
            raise PowerCut

    def after_cut(self, chance: random.Random) -> dict[str, bytes]:
        """Return the files as found after the power is back; shared memory is gone."""
        return {name: content.after_cut(chance) for name, content in self.files.items()}


class ForgetfulVfs(apsw.VFS):
    """SQLite’s files on a `Disk`, in memory. Only one connection at a time: locks are not kept."""

    def __init__(self, name: str, disk: SimulatedDisk) -> None:
        self.disk = disk
        super().__init__(name, "")

    def excepthook(self, etype: object, evalue: object, etraceback: object) -> bool:
        """Ignore errors of files that are closed after the power cut."""
        return True

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> Any:
        path = name.filename() if isinstance(name, apsw.URIFilename) else (name or "temporary")
        flags[1] = flags[0]
        return ForgetfulFile(self.disk, self.disk.files.setdefault(path, Content()))

    def xDelete(self, name: str, sync: bool) -> None:
        self.disk.tick()
        self.disk.files.pop(name, None)

    def xAccess(self, name: str, flags: int) -> bool:
        return name in self.disk.files

    def xFullPathname(self, name: str) -> str:
        return name


class ForgetfulFile:
    """One open file, with the methods that SQLite calls."""

    def __init__(self, disk: SimulatedDisk, content: Content) -> None:
        self.disk, self.content = disk, content

    def xRead(self, amount: int, offset: int) -> bytes:
        return bytes(self.content.seen[offset : offset + amount])

    def xWrite(self, data: bytes, offset: int) -> None:
        self.disk.tick()
        self.content.write(offset, data)

    def xTruncate(self, length: int) -> None:
        self.disk.tick()
        self.content.truncate(length)

    def xSync(self, flags: int) -> None:
        self.disk.tick()
        self.content.sync()

    def xFileSize(self) -> int:
        return len(self.content.seen)

    def xClose(self) -> None:
        pass

    def xLock(self, level: int) -> None:
        pass

    def xUnlock(self, level: int) -> None:
        pass

    def xCheckReservedLock(self) -> bool:
        return False

    def xFileControl(self, operation: int, pointer: int) -> bool:
        return False

    def xSectorSize(self) -> int:
        return SECTOR

    def xDeviceCharacteristics(self) -> int:
        return 0


def _put(content: bytearray, offset: int, data: bytes) -> None:
    if len(content) < offset:
        content.extend(bytes(offset - len(content)))
    content[offset : offset + len(data)] = data
