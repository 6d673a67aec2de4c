"""House rules no linter knows: how secrets are compared, how SQL is written, who may call outside.

Others are ruff's and bandit's and stand in pyproject.toml, or in tests/test_shape.py. That each of them finds
what it is for is shown here.
"""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests import test_shape
from tests.kit import source
from tests.kit.source import ROOT, Source

#: One process reads all files for all of these tests.
pytestmark = pytest.mark.xdist_group("source")

#: What a name ends in when someone who guesses it comes in.
PROOF = re.compile(r"(^|_)(token|secret|password|digest|signature|secret_hash|token_hash|hmac)$")
#: A method that makes such a proof. The audit's own `digest` is no secret: it shows what was altered.
PROOF_CALLS = re.compile(r"\.(digest|hexdigest|hashed)$")
#: Asked of the database by its index; the value found is compared in constant time where it is not a hash.
QUERIES = {"where", "filter", "and_", "or_"}
RUNS_SQL = {"text", "execute", "executemany", "executescript", "exec_driver_sql"}
#: Names of tables and settings, which SQL takes no parameters for: the program lists them, no request does.
WRITES_SQL = {
    "automations/models/db/backup_postgres.py",
    "automations/worker/postgres_listener.py",
    "automations/web/cli/doctor.py",
}
#: What speaks HTTP, and what any other call is made with.
HTTP_CLIENTS = {"http", "requests", "requests_hardened", "urllib3", "httpx", "aiohttp", "pycurl", "apprise"}
CLIENTS = HTTP_CLIENTS | {"socket", "ssl", "smtplib", "imaplib", "ftplib", "telnetlib", "asyncio"}
#: The one client and its connections, and the chat's, whose library calls services of fixed names.
SPEAKS_HTTP = {
    "automations/connectors/egress.py",
    "automations/connectors/checked_connection.py",
    "automations/connectors/chat.py",
}
#: The doctor says whether a name and a port can be reached at all, and sends nothing; the database's own
#: connections ask its server whether it is there.
CALLS_OUTSIDE = {"automations/web/cli/doctor_providers.py", "automations/models/db/postgres.py"}


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
    """SQL built out of strings, where it is run or a few lines before."""
    built = {
        name
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign | ast.AugAssign) and _is_built(node.value)
        for name in map(ast.unparse, node.targets if isinstance(node, ast.Assign) else [node.target])
    }
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and _last(node.func) in RUNS_SQL and node.args):
            continue
        # `text` alone is a function of the actions, unless it comes from SQLAlchemy.
        if ast.unparse(node.func) == "text" and not _is_sqlalchemys(tree):
            continue
        if _is_built(node.args[0]) or ast.unparse(node.args[0]) in built:
            yield ast.unparse(node)


def clients(tree: ast.AST) -> Iterator[str]:
    """Libraries that call other machines."""
    return (name for name in _imported(tree) if _is_one_of(name, CLIENTS))


def http_clients(tree: ast.AST) -> Iterator[str]:
    """Libraries that call other machines by HTTP."""
    return (name for name in _imported(tree) if _is_one_of(name, HTTP_CLIENTS))


def test_secrets_are_compared_in_constant_time() -> None:
    assert _found(compared_openly, source.product()) == []


def test_no_sql_is_put_together_from_strings() -> None:
    assert _found(put_together, [one for one in source.product() if one.name not in WRITES_SQL]) == []


def test_only_connectors_call_other_machines() -> None:
    others = [one for one in source.product() if not one.name.startswith("automations/connectors/")]
    assert _found(clients, [one for one in others if one.name not in CALLS_OUTSIDE]) == []


def test_only_one_module_makes_http_requests() -> None:
    others = [one for one in source.product() if one.name not in SPEAKS_HTTP]
    assert _found(http_clients, others) == []


@pytest.mark.parametrize("name", sorted(WRITES_SQL | CALLS_OUTSIDE | SPEAKS_HTTP))
def test_every_exception_to_a_rule_is_still_needed(name: str) -> None:
    one = next(one for one in source.product() if one.name == name)
    rule = put_together if name in WRITES_SQL else http_clients if name in SPEAKS_HTTP else clients
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
        (put_together, "sql = f'SELECT {what}'\nsession.execute(sa.text(sql))"),
        (put_together, "sql = 'SELECT 1'\nsql += ' WHERE ' + what\nconnection.exec_driver_sql(sql)"),
        (put_together, "from sqlalchemy import text\nsession.execute(text('SELECT ' + what))"),
        (http_clients, "import apprise"),
        (http_clients, "from requests.adapters import HTTPAdapter"),
        (http_clients, "from authlib.integrations.requests_client import OAuth2Session"),
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
        (put_together, "from automations.actions.shared.action_kind import text\ntext(f'{a}')"),
        (clients, "from urllib.parse import urlsplit"),
        (http_clients, "from authlib.oidc.core import CodeIDToken"),
    ],
)
def test_correct_code_passes_every_rule(rule: Callable[[ast.AST], Iterator[str]], fine: str) -> None:
    assert not list(rule(ast.parse(fine)))


@pytest.mark.parametrize(
    ("what", "line"),
    [
        ("marks text as safe", "<p>{{ order.note | safe }}</p>"),
        ("marks text as safe", "{% autoescape false %}{{ order.note }}{% endautoescape %}"),
        ("has an inline handler", '<a onclick="{{ order.note }}">'),
        ("has an inline style", '<p style="color: {{ order.note }}">'),
    ],
)
def test_unescaped_output_is_found_in_a_template(what: str, line: str) -> None:
    assert test_shape.IN_TEMPLATES[what].search(line)
    assert not test_shape.IN_TEMPLATES[what].search("<p>{{ order.note }}</p>")


@pytest.mark.parametrize(
    "line", ["from markupsafe import Markup", "flask.Markup(note)", "markupsafe.Markup(note)"]
)
def test_unescaped_output_is_found_in_python(line: str) -> None:
    assert test_shape.UNSAFE_NAMES & test_shape._names(ast.parse(line))


#: Rule of ruff -> what it is for.
OF_RUFF = {
    "DTZ005": "import datetime as dt\n\nnow = dt.datetime.now()\n",
    "DTZ003": "import datetime as dt\n\nnow = dt.datetime.utcnow()\n",
    "DTZ001": "import datetime as dt\n\nday = dt.datetime(2026, 11, 22)\n",
    "S311": "import random\n\ntoken = random.random()\n",
    "S324": "import hashlib\n\nkept = hashlib.sha1(b'')\n",
    "S501": "import requests\n\nrequests.get('https://a.example', verify=False, timeout=1)\n",
    "S608": "def rows(name):\n    return f'SELECT id FROM orders WHERE name = {name}'\n",
}


@pytest.mark.parametrize("rule", OF_RUFF)
def test_each_ruff_rule_finds_its_planted_fault(rule: str) -> None:
    command = [_beside_python("ruff"), "check", "--stdin-filename", "automations/pipeline/planted.py", "-"]
    done = subprocess.run(command, cwd=ROOT, input=OF_RUFF[rule], capture_output=True, text=True)
    assert done.returncode == 1 and rule in done.stdout


#: Rule of bandit -> what it is for.
OF_BANDIT = {
    "B102": "exec(given)",
    "B307": "eval(given)",
    "B301": "import pickle\npickle.loads(given)",
    "B324": "import hashlib\nhashlib.md5(given)",
    "B501": "import requests\nrequests.get(given, verify=False, timeout=1)",
    "B602": "import subprocess\nsubprocess.run(given, shell=True)",
    "B608": 'session.execute("SELECT * FROM orders WHERE name = \'" + given + "\'")',
    "B701": "import jinja2\njinja2.Environment(autoescape=False)",
    "B704": "from markupsafe import Markup\nMarkup(given)",
}


def test_each_bandit_rule_finds_its_planted_fault(tmp_path: Path) -> None:
    for rule, fault in OF_BANDIT.items():
        (tmp_path / f"{rule}.py").write_text(f"{fault}\n")
    command = [_beside_python("bandit"), "-q", "-c", "pyproject.toml", "-f", "json", "-r", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    found = {(Path(one["filename"]).stem, one["test_id"]) for one in json.loads(done.stdout)["results"]}
    assert done.returncode == 1
    assert [rule for rule in OF_BANDIT if (rule, rule) not in found] == []


def _found(rule: Callable[[ast.AST], Iterator[str]], files: list[Source]) -> list[str]:
    return [f"{one.name}: {fault}" for one in files for fault in rule(one.tree)]


def _last(node: ast.expr) -> str:
    return ast.unparse(node).rpartition(".")[2]


def _imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module or ""


def _is_one_of(name: str, libraries: set[str]) -> bool:
    top = name.partition(".")[0]
    return top in libraries or name == "urllib.request" or name.startswith("authlib.integrations")


def _is_sqlalchemys(tree: ast.AST) -> bool:
    return any(
        isinstance(node, ast.ImportFrom)
        and (node.module or "").startswith("sqlalchemy")
        and any(alias.name == "text" for alias in node.names)
        for node in ast.walk(tree)
    )


def _beside_python(program: str) -> str:
    return str(Path(sys.executable).with_name(program))


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
