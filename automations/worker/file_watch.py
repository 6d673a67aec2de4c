"""Tells when a file is written to, by any process, without looking at it all the time. Linux only."""

from __future__ import annotations

import ctypes
import os
import sys
from contextlib import suppress
from pathlib import Path

_MODIFIED = 0x2


class FileWatch:
    """A descriptor that can be read once the file was written to; None where the system cannot tell."""

    def __init__(self, path: Path) -> None:
        self.descriptor = _watching(path)

    def drain(self) -> None:
        """Forget what was written until now."""
        if self.descriptor is not None:
            with suppress(BlockingIOError):
                while os.read(self.descriptor, 65536):
                    pass

    def close(self) -> None:
        """Watch no longer."""
        if self.descriptor is not None:
            os.close(self.descriptor)
            self.descriptor = None


def _watching(path: Path) -> int | None:
    if sys.platform != "linux":
        return None
    library = ctypes.CDLL(None, use_errno=True)
    descriptor: int = library.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
    if descriptor < 0:
        return None
    if library.inotify_add_watch(descriptor, os.fsencode(path), _MODIFIED) < 0:
        os.close(descriptor)
        return None
    return descriptor
