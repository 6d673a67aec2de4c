"""The controls, buttons and forms of a page, each with its accessible name."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.kit.pages.quick_parser import QuickParser

VOID = frozenset({"input", "br", "hr", "img", "meta", "link", "source", "path", "rect", "circle", "line"})
CONTROLS = frozenset({"input", "select", "textarea"})
Attributes = dict[str, str | None]


@dataclass
class Control:
    """An input, a select or a text area; `form` and `areas` say where it stands."""

    tag: str
    type: str
    name: str
    id: str
    label: str
    form: str
    areas: tuple[str, ...]
    enabled: bool = True
    value: str = ""
    checked: bool = False
    #: (value, label) of each option of a select.
    options: list[tuple[str, str]] = field(default_factory=list)

    @property
    def shown(self) -> bool:
        return self.type != "hidden"

    @property
    def sent(self) -> bool:
        """Whether a browser sends it with its form."""
        off = self.type in ("checkbox", "radio") and not self.checked
        return bool(self.name) and self.enabled and not off


@dataclass
class Button:
    """A button; `words` is its aria-label, `text` the text in it."""

    name: str
    value: str
    action: str
    form: str
    areas: tuple[str, ...]
    enabled: bool
    words: str = ""
    text: str = ""

    @property
    def called(self) -> str:
        """Its accessible name."""
        return self.words or " ".join(self.text.split())


@dataclass
class Element:
    """An element that is still open."""

    tag: str
    area: str = ""
    disabled: bool = False


class PageParts(QuickParser):
    """Parses a whole page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.controls: list[Control] = []
        self.buttons: list[Button] = []
        #: The action of each form, by its id or its position.
        self.forms: dict[str, str] = {}
        self._open: list[Element] = []
        self._form = ""
        self._labels: dict[str, str] = {}
        self._headings: dict[str, str] = {}
        #: The tables and keys that the text being read belongs to.
        self._heard: list[tuple[dict[str, str], str]] = []
        self._button: Button | None = None
        self._control: Control | None = None
        self.feed(text)
        self._name()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes: Attributes = dict(attrs)
        area = attributes.get("aria-label") or _marked(attributes.get("aria-labelledby"))
        if tag not in VOID:
            self._open.append(Element(tag, area or "", tag == "fieldset" and "disabled" in attributes))
        if tag == "form":
            self._form = attributes.get("id") or f"form {len(self.forms)}"
            self.forms[self._form] = attributes.get("action") or ""
        elif tag in CONTROLS:
            self._control_begins(tag, attributes)
        elif tag == "option" and self._control is not None:
            self._option_begins(self._control, attributes)
        elif tag == "button":
            self._button_begins(attributes)
        elif tag == "label" and attributes.get("for"):
            self._heard.append((self._labels, attributes["for"] or ""))
        elif tag in ("h1", "h2", "h3") and attributes.get("id"):
            self._heard.append((self._headings, attributes["id"] or ""))

    def handle_endtag(self, tag: str) -> None:
        for place in range(len(self._open) - 1, -1, -1):
            if self._open[place].tag == tag:
                del self._open[place:]
                break
        if tag == "form":
            self._form = ""
        elif tag in ("select", "textarea"):
            self._control = None
        elif tag == "button":
            self._button = None
        elif tag in ("label", "h1", "h2", "h3"):
            self._heard = []

    def handle_data(self, data: str) -> None:
        for table, key in self._heard:
            table[key] = table.get(key, "") + data
        if self._button is not None:
            self._button.text += data
        if self._control is not None and self._control.tag == "textarea":
            self._control.value += data
        elif self._control is not None and self._control.options and data.strip():
            value, label = self._control.options[-1]
            self._control.options[-1] = (value, f"{label} {data.strip()}".strip())

    def _control_begins(self, tag: str, attributes: Attributes) -> None:
        control = Control(
            tag=tag,
            type=attributes.get("type") or ("text" if tag == "input" else tag),
            name=attributes.get("name") or "",
            id=attributes.get("id") or "",
            label=attributes.get("aria-label") or "",
            form=attributes.get("form") or self._form,
            areas=self._areas(),
            enabled=self._enabled(attributes),
            value=attributes.get("value") or "",
            checked="checked" in attributes,
        )
        self.controls.append(control)
        if tag != "input":
            self._control = control

    def _option_begins(self, control: Control, attributes: Attributes) -> None:
        value = attributes.get("value") or ""
        if "selected" in attributes or not control.options:
            control.value = value
        control.options.append((value, ""))

    def _button_begins(self, attributes: Attributes) -> None:
        self._button = Button(
            name=attributes.get("name") or "",
            value=attributes.get("value") or "",
            action=attributes.get("formaction") or "",
            form=attributes.get("form") or self._form,
            areas=self._areas(),
            enabled=self._enabled(attributes),
            words=attributes.get("aria-label") or "",
        )
        if attributes.get("aria-hidden") != "true" and attributes.get("type") != "button":
            self.buttons.append(self._button)

    def _areas(self) -> tuple[str, ...]:
        return tuple(element.area for element in self._open if element.area)

    def _enabled(self, attributes: Attributes) -> bool:
        return "disabled" not in attributes and not any(element.disabled for element in self._open)

    def _name(self) -> None:
        """Resolve names at the end: headings and labels may come after what they name."""
        for button in self.buttons:
            button.areas = self._named(button.areas)
        for control in self.controls:
            control.areas = self._named(control.areas)
            control.label = control.label or _words(self._labels.get(control.id, ""))
            if control.tag == "textarea":
                # Browsers drop a line break right after the tag.
                control.value = control.value.removeprefix("\r\n").removeprefix("\n")

    def _named(self, areas: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(_words(self._headings.get(area.removeprefix("#"), area)) for area in areas)


def _marked(id: str | None) -> str:
    return f"#{id}" if id else ""


def _words(text: str) -> str:
    return " ".join(text.split())
