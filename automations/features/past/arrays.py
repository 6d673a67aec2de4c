"""numpy, loaded at its first use: a web process that counts nothing does not pay for it."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Ints = npt.NDArray[np.int64]
    Codes = npt.NDArray[np.unsignedinteger[Any]]
    Mask = npt.NDArray[np.bool_]
else:
    Ints = Codes = Mask = Any

    class _Lazy:
        def __getattr__(self, name: str) -> Any:
            value = getattr(import_module("numpy"), name)
            setattr(self, name, value)
            return value

    np = _Lazy()

__all__ = ["Codes", "Ints", "Mask", "np"]
