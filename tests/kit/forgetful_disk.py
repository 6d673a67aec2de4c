"""A disk that forgets in a power cut what was not synced: a layer under SQLite that remembers both.

Each file is kept as the operating system would show it (`seen`) and as the disk surely has it (`durable`).
A sync makes them equal. A cut leaves the durable state and, of what was written since, any part: whole
sectors arrive or not, in any order.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

import apsw

SECTOR = 512


@dataclass
class Content:
    """One file, in the two states that a power cut tells apart."""

    seen: bytearray = field(default_factory=bytearray)
    durable: bytes = b""
    #: Writes since the last sync: offset and bytes, or a length to cut to.
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
        """What is left of it: the durable state, and by chance some of what came after."""
        left = bytearray(self.durable)
        arrives = chance.choice((0.0, 0.5, 1.0))
        for offset, data in self.pending:
            if data is None:
                if chance.random() < arrives:
                    del left[offset:]
                continue
            for start in range(0, len(data), SECTOR):
                if chance.random() < arrives:
                    _put(left, offset + start, data[start : start + SECTOR])
        return bytes(left)


class PowerCut(Exception):
    """The machine is off."""


class Disk:
    """All files of one machine; `cut_at` is the number of the write or sync at which the power goes."""

    def __init__(self, files: dict[str, bytes] | None = None) -> None:
        self.files = {name: Content(bytearray(data), data) for name, data in (files or {}).items()}
        self.operations = 0
        self.cut_at: int | None = None

    def tick(self) -> None:
        """Before each write and sync."""
        self.operations += 1
        if self.cut_at is not None and self.operations >= self.cut_at:
            raise PowerCut

    def after_cut(self, chance: random.Random) -> dict[str, bytes]:
        """The files a machine that is switched on again finds; shared memory is gone."""
        return {name: content.after_cut(chance) for name, content in self.files.items()}


class ForgetfulVfs(apsw.VFS):
    """SQLite's files on a `Disk`, in memory. Its connections have to be alone: locks are not kept."""

    def __init__(self, name: str, disk: Disk) -> None:
        self.disk = disk
        super().__init__(name, "")

    def excepthook(self, *error: object) -> None:
        """A file that is closed after the cut has nobody to tell."""

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> ForgetfulFile:
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
    """One open file, with the methods SQLite calls."""

    def __init__(self, disk: Disk, content: Content) -> None:
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
