"""The HTML part of an email, written as mail programs need it: tables, and styles on every element."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import jinja2

from automations.emails.colours import NIGHT, WHITE, ink_on, readable
from automations.emails.direction import RIGHT, sides
from automations.emails.email_layout import EmailLayout
from automations.emails.email_look import COLOUR
from automations.emails.paragraphs import paragraphs, preheader
from automations.loading.first_use import FirstUse

if TYPE_CHECKING:
    import css_inline
else:
    css_inline = FirstUse("css_inline")

_HERE = Path(__file__).parent
#: Where the sheet belongs in the template.
_MARK = "<!-- sheet -->"
_DARK = "@media (prefers-color-scheme: dark)"
#: How a preview is shown, whatever its reader's own setting is: "" leaves that to the mail program.
AS_SET, LIGHT, DARK = "", "light", "dark"
_FORCED = {AS_SET: _DARK, LIGHT: "@media not all", DARK: "@media all"}


def html_part(layout: EmailLayout, words: str, subject: str, logo: str = "", scheme: str = AS_SET) -> str:
    """Return the HTML of a message. `logo` is the address of its picture: "cid:…", or "data:…"."""
    look = layout.look
    start, end = sides(layout.language)
    page = _template().render(
        layout=layout,
        direction="rtl" if start == RIGHT else "ltr",
        start=start,
        end=end,
        look=look,
        logo=logo,
        subject=subject,
        paragraphs=paragraphs(words),
        preheader=preheader(words),
    )
    # A sheet is no text of a template: escaped, it would not be read. No text of a message has the mark.
    styled = page.replace(_MARK, f"<style>{_style('designed.css', look.colour)}</style>", 1)
    # What depends on the screen cannot stand on an element. The inliner would put it before the charset.
    media = _style("designed_media.css", look.colour, scheme)
    return str(_inliner().inline(styled)).replace("</head>", f"<style>{media}</style></head>", 1)


@cache
def _inliner() -> css_inline.CSSInliner:
    return css_inline.CSSInliner(keep_style_tags=False, load_remote_stylesheets=False)


def style_text(layout_data: object, scheme: str) -> str:
    """Return the one style sheet that the HTML of a message keeps, exactly as it stands there."""
    layout = EmailLayout.from_data(layout_data)
    return _style("designed_media.css", layout.look.colour if layout else COLOUR, scheme)


@cache
def _template() -> jinja2.Template:
    loader = jinja2.FileSystemLoader(_HERE)
    environment = jinja2.Environment(
        loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template("designed.html")


@cache
def _sheet(file: str) -> str:
    return (_HERE / file).read_text(encoding="utf-8")


@cache
def _style(file: str, colour: str, scheme: str = AS_SET) -> str:
    # Mail programs know no custom properties: the store's colours are written into the sheet.
    values = {
        "--colour": colour,
        "--on-colour": ink_on(colour),
        "--link": readable(colour, WHITE),
        "--link-dark": readable(colour, NIGHT),
        "--night": NIGHT,
    }
    sheet = _sheet(file).replace(_DARK, _FORCED[scheme])
    for name, value in values.items():
        sheet = sheet.replace(f"var({name})", value)
    return sheet
