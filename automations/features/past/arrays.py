"""numpy, loaded at its first use: a web process that counts nothing does not pay for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from automations.loading.first_use import FirstUse

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Ints = npt.NDArray[np.int64]
    Codes = npt.NDArray[np.unsignedinteger[Any]]
    Mask = npt.NDArray[np.bool_]
else:
    Ints = Codes = Mask = Any
    np = FirstUse("numpy")

__all__ = ["Codes", "Ints", "Mask", "np"]
