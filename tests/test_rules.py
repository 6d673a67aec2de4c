"""House rules no linter knows: how secrets are compared, how SQL is written, who may call outside.

Two rules are ruff's and stand in pyproject.toml: an instant without a zone (DTZ), and S for the rest of what
bandit knows.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator

import pytest

from tests.kit import source
from tests.kit.source import Source

#: What a name ends in when somebody who guesses it comes in.
PROOF = re.compile(r"(^|_)(token|secret|password|digest|signature|secret_hash|token_hash|hmac)$")
#: A method that makes such a proof. The audit's own `digest` is no secret: it shows what was altered.
PROOF_CALLS = re.compile(r"\.(digest|hexdigest|hashed)$")
#: Asked of the database by its index; the value found is compared in constant time where it is not a hash.
QUERIES = {"where", "filter", "and_", "or_"}
RUNS_SQL = {"text", "execute", "executemany", "executescript", "exec_driver_sql"}
#: Names of tables and settings, which SQL takes no parameters for: the program lists them, no request does.
WRITES_SQL = {
    "automations/models/backup_postgres.py",
    "automations/pipeline/listener.py",
    "automations/web/doctor.py",
}
CLIENTS = {"socket", "ssl", "http", "requests", "urllib3", "httpx", "aiohttp", "smtplib", "imaplib", "ftplib"}
#: The doctor says whether a name and a port can be reached at all, and sends nothing.
CALLS_OUTSIDE = {"automations/web/doctor_providers.py"}


def compared_openly(tree: ast.AST) -> Iterator[str]:
    """Comparisons of secrets by == or !=, which end at the first letter that differs."""
    asked = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and _last(node.func) in QUERIES
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and node not in asked:
            sides = [node.left, *node.comparators]
            openly = any(isinstance(operator, ast.Eq | ast.NotEq) for operator in node.ops)
            if openly and any(map(_is_proof, sides)) and not any(map(_is_nothing, sides)):
                yield ast.unparse(node)


def put_together(tree: ast.AST) -> Iterator[str]:
    """SQL built out of strings where it is run."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _last(node.func) in RUNS_SQL and node.args:
            if ast.unparse(node.func) == "text":
                continue
            if _is_built(node.args[0]):
                yield ast.unparse(node)


def clients(tree: ast.AST) -> Iterator[str]:
    """Libraries that call other machines."""
    for node in ast.walk(tree):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
        for name in names:
            if name.partition(".")[0] in CLIENTS or name == "urllib.request":
                yield name


def test_secrets_are_compared_in_constant_time() -> None:
    assert _found(compared_openly, source.product()) == []


def test_no_sql_is_put_together_from_strings() -> None:
    assert _found(put_together, [one for one in source.product() if one.name not in WRITES_SQL]) == []


def test_only_connectors_call_other_machines() -> None:
    others = [one for one in source.product() if not one.name.startswith("automations/connectors/")]
    assert _found(clients, [one for one in others if one.name not in CALLS_OUTSIDE]) == []


@pytest.mark.parametrize("name", sorted(WRITES_SQL | CALLS_OUTSIDE))
def test_an_exception_is_still_needed(name: str) -> None:
    one = next(one for one in source.product() if one.name == name)
    rule = put_together if name in WRITES_SQL else clients
    assert list(rule(one.tree))


@pytest.mark.parametrize(
    ("rule", "fault"),
    [
        (compared_openly, "if given == known_token: pass"),
        (compared_openly, "ok = row.secret_hash != wanted"),
        (compared_openly, "ok = hmac.new(key, body, 'sha256').hexdigest() == signature"),
        (compared_openly, "ok = sign_ins.hashed(given) == row.hash"),
        (put_together, "session.execute(sa.text(f'SELECT * FROM orders WHERE number = {number}'))"),
        (put_together, "connection.exec_driver_sql('DELETE FROM ' + table)"),
        (put_together, "connection.exec_driver_sql('DELETE FROM %s' % table)"),
        (put_together, "sa.text('SELECT {}'.format(what))"),
        (clients, "import socket"),
        (clients, "from urllib.request import urlopen"),
        (clients, "import http.client"),
    ],
)
def test_a_planted_fault_is_found(rule: Callable[[ast.AST], Iterator[str]], fault: str) -> None:
    assert list(rule(ast.parse(fault)))


@pytest.mark.parametrize(
    ("rule", "fine"),
    [
        (compared_openly, "ok = hmac.compare_digest(known_token, given)"),
        (compared_openly, "query.where(Hook.token == token)"),
        (compared_openly, "ok = password == ''"),
        (put_together, "session.execute(sa.select(Order).where(Order.number == number))"),
        (put_together, "sa.text('SELECT 1 FROM orders WHERE number = :number')"),
        (clients, "from urllib.parse import urlsplit"),
    ],
)
def test_what_is_right_is_let_through(rule: Callable[[ast.AST], Iterator[str]], fine: str) -> None:
    assert not list(rule(ast.parse(fine)))


def _found(rule: Callable[[ast.AST], Iterator[str]], files: list[Source]) -> list[str]:
    return [f"{one.name}: {fault}" for one in files for fault in rule(one.tree)]


def _last(node: ast.expr) -> str:
    return ast.unparse(node).rpartition(".")[2]


def _is_proof(node: ast.expr) -> bool:
    if isinstance(node, ast.Call):
        return bool(PROOF_CALLS.search(ast.unparse(node.func)))
    return isinstance(node, ast.Name | ast.Attribute) and bool(PROOF.search(_last(node).lower()))


def _is_nothing(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and not node.value


def _is_built(node: ast.expr) -> bool:
    if isinstance(node, ast.JoinedStr):
        return True
    if isinstance(node, ast.BinOp):
        sides = (node.left, node.right)
        return any(isinstance(one, ast.JoinedStr | ast.Constant) for one in sides) or any(
            map(_is_built, sides)
        )
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format"
