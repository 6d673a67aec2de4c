"""The product's own source as data, for tests of the house rules."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_NO_CODE = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENDMARKER,
    tokenize.ENCODING,
}
_Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Source:
    """One Python file."""

    path: Path

    @property
    def name(self) -> str:
        """ "automations/engine/index/rule_index.py"."""
        return self.path.relative_to(ROOT).as_posix()

    @property
    def module(self) -> str:
        """ "automations.engine.index.rule_index"; a package goes by its own name."""
        parts = self.path.relative_to(ROOT).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @property
    def tree(self) -> ast.Module:
        return _tree(self.path)

    @property
    def comments(self) -> list[str]:
        return list(_read(self.path)[0])

    @property
    def functions(self) -> list[_Function]:
        return [node for node in ast.walk(self.tree) if isinstance(node, _Function)]

    def code_lines(self, first: int = 1, last: int = 10**9) -> int:
        """Return the number of lines from `first` to `last` with code: no blanks, comments or docstrings."""
        return sum(first <= line <= last for line in _read(self.path)[1])

    def length(self, function: _Function) -> int:
        """Return the lines of code of a function from its `def` on, without decorators."""
        return self.code_lines(function.lineno, function.end_lineno or function.lineno)


def product() -> list[Source]:
    """Return all files that run in a shop."""
    return [Source(ROOT / "app.py"), *_under("automations")]


def everything() -> list[Source]:
    """Return the files of the product, its tests and its benchmarks."""
    return [*product(), *_under("tests"), *_under("benchmarks")]


def templates() -> list[Path]:
    return sorted((ROOT / "templates").rglob("*.*"))


def pages() -> list[Path]:
    """Return every page of the documentation, README included."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def _under(folder: str) -> list[Source]:
    return [Source(path) for path in sorted((ROOT / folder).rglob("*.py"))]


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def _read(path: Path) -> tuple[tuple[str, ...], frozenset[int]]:
    """Return the comments and the lines with code. All tokens of all files would fill the memory."""
    lines: set[int] = set()
    comments: list[str] = []
    for token in tokenize.generate_tokens(io.StringIO(path.read_text(encoding="utf-8")).readline):
        if token.type == tokenize.COMMENT:
            comments.append(token.string)
        if token.type not in _NO_CODE:
            lines.update(range(token.start[0], token.end[0] + 1))
    return tuple(comments), frozenset(lines - set(_docstring_lines(_tree(path))))


def _docstring_lines(tree: ast.Module) -> Iterator[int]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | _Function) and ast.get_docstring(node) is not None:
            text = node.body[0]
            yield from range(text.lineno, (text.end_lineno or text.lineno) + 1)
