"""One automation as YAML: written in a stable order, and read with a sentence for whatever is wrong.

Only what people write by hand is YAML here: texts, whole numbers, true, false and null. Times, dates and
decimals stay the texts they are, and a word such as "on" is a word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml
from yaml.nodes import MappingNode, ScalarNode

from automations.engine.operators.value_types import counted

#: The largest file, in bytes, and the most files taken at once.
LARGEST, MOST_FILES = 1_000_000, 500
ENDINGS = (".yaml", ".yml")
#: What a file says, in the order in which it is written.
HEAD = ("name", "group", "live")
RULE = ("subject", "trigger", "conditions", "actions", "caps")
_ORDER = (
    *("key", "field", "match", "lines", "operator", "value", "from", "to", "schedule"),
    *("kind", "settings", "timing", "when_empty", "conditions"),
)


_ADVICE = {
    "mapping values are not allowed": " Put a text that holds a colon in quotes.",
    "\\t": " Indent with spaces instead of tabs.",
}


class UnreadableFile(ValueError):
    """A file that is no automation; `str(e)` is a sentence that names the file and says what to change."""


@dataclass(frozen=True)
class RuleFile:
    """What one file says: an automation by its name, with names instead of ids in its rule data."""

    file: str
    name: str
    group: str
    live: bool
    data: dict[str, Any]


def written(name: str, group: str, live: bool, data: Mapping[str, Any]) -> str:
    """Return the YAML of an automation; the same automation always gives the same text."""
    head = {"name": name, "group": group or None, "live": live}
    rest = {key: data.get(key) for key in RULE}
    content = {key: _kept(value) for key, value in {**head, **rest}.items() if _kept(value) is not None}
    return yaml.dump(content, Dumper=_Writer, sort_keys=False, allow_unicode=True, width=100)


def read(file: str, content: bytes) -> RuleFile:
    """Return what a file says. Raises UnreadableFile."""
    data = _loaded(file, content)
    unknown = sorted(set(data) - {*HEAD, *RULE})
    if unknown:
        known = ", ".join((*HEAD, *RULE))
        raise UnreadableFile(f"{file}: “{unknown[0]}” is not known here; write {known}.")
    # A name may well be a number.
    name, group, live = _text(data.get("name")), data.get("group") or "", data.get("live", False)
    if not isinstance(name, str) or not name.strip():
        raise UnreadableFile(f"{file}: give the automation a name, for example “name: Confirm deliveries”.")
    if not isinstance(group, str):
        raise UnreadableFile(f"{file}: the group is a text.")
    if not isinstance(live, bool):
        raise UnreadableFile(f"{file}: “live” is true or false, in small letters.")
    return RuleFile(file, name.strip(), group.strip(), live, _rule_data(data))


def file_name(name: str, taken: set[str]) -> str:
    """Return a free file name for an automation, and note it in `taken`."""
    base = re.sub(r"\W+", "-", name.lower()).strip("-") or "automation"
    free = next(one for one in _numbered(base) if one not in taken)
    taken.add(free)
    return free


def _numbered(base: str) -> Iterator[str]:
    yield f"{base}.yaml"
    number = 2
    while True:
        yield f"{base}-{number}.yaml"
        number += 1


def _loaded(file: str, content: bytes) -> dict[str, Any]:
    if len(content) > LARGEST:
        raise UnreadableFile(f"{file} is {counted(len(content))} bytes; the limit is {counted(LARGEST)}.")
    try:
        data = _FileReader(content.decode("utf-8")).get_single_data()
    except UnicodeDecodeError as error:
        raise UnreadableFile(f"{file} is not text in UTF-8. Save it as UTF-8.") from error
    except RecursionError as error:
        raise UnreadableFile(f"{file} is nested too deeply.") from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f", line {mark.line + 1}" if mark else ""
        advice = next((words for part, words in _ADVICE.items() if part in str(error.problem)), "")
        raise UnreadableFile(f"{file}{where}: this can’t be read: {error.problem}.{advice}") from error
    except yaml.YAMLError as error:
        raise UnreadableFile(f"{file} can’t be read as YAML.") from error
    if not isinstance(data, dict):
        raise UnreadableFile(f"{file} does not hold an automation: it has to begin with its name.")
    return data


def _rule_data(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the rule data in the form in which drafts hold it."""
    trigger = data.get("trigger")
    filled = {"key": None, "from": None, "to": None, **trigger} if isinstance(trigger, dict) else trigger
    return {
        "subject": data.get("subject"),
        "trigger": filled if filled is not None else {"key": None, "from": None, "to": None},
        "conditions": _with_texts(data.get("conditions") or []),
        "actions": data.get("actions") or [],
    } | ({"caps": data["caps"]} if data.get("caps") else {})


def _with_texts(nodes: Any) -> Any:
    """Return the conditions with each value as the text that it stands for: 40 as “40”."""
    if not isinstance(nodes, list):
        return nodes
    return [_with_text(node) if isinstance(node, dict) else node for node in nodes]


def _with_text(node: dict[str, Any]) -> dict[str, Any]:
    texts = {}
    if "value" in node:
        value = node["value"]
        texts["value"] = [_text(one) for one in value] if isinstance(value, list) else _text(value)
    if "conditions" in node:
        texts["conditions"] = _with_texts(node["conditions"])
    return {**node, **texts}


def _text(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _kept(value: Any) -> Any:
    """Return a value without what says nothing, in the usual order; None if nothing is left."""
    if isinstance(value, Mapping):
        kept = {key: _kept(value[key]) for key in sorted(value, key=_place)}
        return {key: one for key, one in kept.items() if one is not None} or None
    if isinstance(value, list | tuple):
        return [_kept(one) for one in value] or None
    return value


def _place(key: str) -> tuple[int, str]:
    return (_ORDER.index(key) if key in _ORDER else len(_ORDER), key)


class _FileReader(yaml.SafeLoader):
    """Reads texts, whole numbers, true, false and null; refuses aliases and repeated keys."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            reader: Any = self
            mark = reader.peek_event().start_mark
            raise yaml.composer.ComposerError(None, None, "write it out instead of referring to it", mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = key_node.value if isinstance(key_node, ScalarNode) else None
            if key is None or key in seen:
                said = f"“{key}” is here twice" if key else "a name is a single word"
                raise yaml.constructor.ConstructorError(None, None, said, key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep=True)


class _Writer(yaml.SafeDumper):
    """Writes texts with line breaks as blocks, and never an alias."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def _write_text(dumper: yaml.SafeDumper, value: str) -> ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else None)


_TRUTH = re.compile(r"true|false")
_NOTHING = re.compile(r"null|~|")
_WHOLE = re.compile(r"-?(?:0|[1-9][0-9]*)")


def _resolvers() -> dict[str, list[tuple[str, re.Pattern[str]]]]:
    whole = [("tag:yaml.org,2002:int", re.compile(f"^(?:{_WHOLE.pattern})$"))]
    table = {first: list(whole) for first in "-0123456789"}
    truth = ("tag:yaml.org,2002:bool", re.compile(f"^(?:{_TRUTH.pattern})$"))
    nothing = ("tag:yaml.org,2002:null", re.compile(f"^(?:{_NOTHING.pattern})$"))
    return table | {"t": [truth], "f": [truth], "n": [nothing], "~": [nothing], "": [nothing]}


_FileReader.yaml_implicit_resolvers = _resolvers()
_Writer.add_representer(str, _write_text)
