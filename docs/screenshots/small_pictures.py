"""Pictures for the documentation, as small as they can be without looking worse."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image

#: Colours of a picture; pages have few, and those of an email's flowers are near one another.
COLOURS = 192


def keep(picture: bytes, path: Path) -> None:
    """Write a screenshot to `path` as a PNG of COLOURS colours, less than half as large."""
    with Image.open(io.BytesIO(picture)) as page:
        few = page.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    few.save(path, optimize=True)
