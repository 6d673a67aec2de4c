"""The forms of a page, with the values a browser would send."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.kit.pages.quick_parser import QuickParser


@dataclass
class PostForm:
    """One POST form: its addresses (buttons may have their own) and the values it would send."""

    addresses: list[str]
    values: dict[str, str] = field(default_factory=dict)


class _Reader(QuickParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[PostForm] = []
        self.by_id: dict[str, PostForm] = {}
        self._here: PostForm | None = None
        self._select = self._area = ""
        self._owner: PostForm | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._here = self._form(attributes.get("id", "")) if attributes.get("method") == "post" else None
            if self._here:
                self._here.addresses.insert(0, attributes.get("action", ""))
                self.forms.append(self._here)
            return
        owner = self._form(attributes["form"]) if attributes.get("form") else self._here
        if owner is None:
            return
        name, kind = attributes.get("name", ""), attributes.get("type", "")
        if tag == "button" and "formaction" in attributes:
            owner.addresses.append(attributes["formaction"])
        elif tag == "input" and name and (kind not in ("checkbox", "radio") or "checked" in attributes):
            owner.values[name] = attributes.get("value", "on" if kind in ("checkbox", "radio") else "")
        elif tag == "select" and name:
            self._select, self._owner = name, owner
        elif tag == "option" and self._select and self._owner:
            if "selected" in attributes or self._select not in self._owner.values:
                self._owner.values[self._select] = attributes.get("value", "")
        elif tag == "textarea" and name:
            self._area, self._owner = name, owner

    def _form(self, id: str) -> PostForm:
        """Return the form with this id. A control may name its form before the form begins."""
        return self.by_id.setdefault(id, PostForm([])) if id else PostForm([])

    def handle_data(self, data: str) -> None:
        if self._area and self._owner:
            self._owner.values[self._area] = self._owner.values.get(self._area, "") + data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._here = None
        elif tag == "select":
            self._select = ""
        elif tag == "textarea" and self._area and self._owner:
            # Browsers drop a line break right after the tag.
            text = self._owner.values.get(self._area, "")
            self._owner.values[self._area] = text[2:] if text.startswith("\r\n") else text.removeprefix("\n")
            self._area = ""


def post_forms(page: str) -> list[PostForm]:
    """Return all forms of a page that are sent with POST."""
    reader = _Reader()
    reader.feed(page)
    return reader.forms
