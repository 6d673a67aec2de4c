"""Reads an uploaded logo and makes it a small picture that every mail program shows."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from automations.loading.first_use import FirstUse
from automations.models.settings.email_looks import Logo

if TYPE_CHECKING:
    import PIL
    from PIL import Image
else:
    PIL, Image = FirstUse("PIL"), FirstUse("PIL.Image")

FORMATS = ("PNG", "JPEG", "GIF", "WEBP")
LARGEST_FILE = 2 * 1024 * 1024
_MOST_PIXELS = 25_000_000
#: The logo has twice the pixels it is shown with, for sharp screens.
_SHARP = 2
_SHOWN = (240, 80)


class UnusableLogo(ValueError):
    """The file cannot be used; `str(error)` is a sentence for the reader."""


def logo_from(name: str, content: bytes) -> Logo:
    """Return the picture of an uploaded file. Raises UnusableLogo."""
    if len(content) > LARGEST_FILE:
        raise UnusableLogo("The picture is larger than 2 MB. Choose a smaller one.")
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as picture:
            if picture.width * picture.height > _MOST_PIXELS:
                raise UnusableLogo("The picture has more than 25 million pixels. Choose a smaller one.")
            small = picture.convert("RGBA")
    except PIL.UnidentifiedImageError as error:
        raise UnusableLogo("This is not a PNG, JPEG, GIF or WebP picture. Choose another file.") from error
    except (Image.DecompressionBombError, OSError, SyntaxError, ValueError) as error:
        if isinstance(error, UnusableLogo):
            raise
        raise UnusableLogo("The picture is damaged. Choose another file.") from error
    small.thumbnail((_SHOWN[0] * _SHARP, _SHOWN[1] * _SHARP))
    # What a camera or a drawing program wrote beside the pixels is no business of the receivers.
    written = io.BytesIO()
    small.save(written, "PNG", optimize=True)
    width, height = (max(1, side // _SHARP) for side in small.size)
    return Logo(name[:200], written.getvalue(), width, height)
