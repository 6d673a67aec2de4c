"""Gives memory that is no longer used back to the operating system."""

from __future__ import annotations

import ctypes
import sys

#: None where the C library is not the GNU one.
_trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None


def give_back() -> bool:
    """Give back what C libraries and large objects have freed; return whether there was any.

    The GNU allocator keeps it, for each thread apart: 8 MB once the past has been counted. A look takes 1 ms.
    """
    return bool(_trim and _trim(0))
