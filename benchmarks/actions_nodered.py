"""Node-RED with one flow for each automation: installed once into a folder, started as a process."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.line_shop import conditions
from tests.kit.fire.programs import Program, free_port

PACKAGES = ("node-red@5.0.7", "node@22.23.3")
PATH = "/api/orders"
HERE = Path(tempfile.gettempdir()) / "store-automations-node-red"
SETTINGS = {"flowFile": "flows.json", "uiHost": "127.0.0.1", "httpAdminRoot": False}
#: Node-RED's way of comparing for each of our operators.
SIGNS = {"equals": ("eq", "str"), "greater_than": ("gt", "num")}
LABELS = {"delivery": "Delivery", "paid": "Paid"}


def installed() -> Path:
    """The folder with Node-RED in it; from npm the first time."""
    if not (HERE / "node_modules" / ".bin" / "node-red").exists():
        HERE.mkdir(exist_ok=True)
        install = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(HERE)]
        subprocess.run([*install, *PACKAGES], check=True, stdout=subprocess.DEVNULL)
    return HERE / "node_modules" / ".bin"


@contextmanager
def node_red(automations: int, sink: int) -> Iterator[int]:
    """The port of a running one."""
    programs, port = installed(), free_port()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        settings = {**SETTINGS, "uiPort": port, "logging": {"console": {"level": "warn"}}}
        (folder / "settings.js").write_text(f"module.exports = {json.dumps(settings)}")
        (folder / "flows.json").write_text(json.dumps(flows(automations, f"http://127.0.0.1:{sink}/")))
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [programs / "node", programs / "node-red", "--userDir", folder],
                env={**os.environ, "NODE_ENV": "production"},
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
            )
        try:
            _wait(Program([], {}, folder / "log", port, process))
            yield port
        finally:
            process.kill()
            process.wait()


def _wait(program: Program) -> None:
    """Tens of thousands of nodes take it minutes to begin."""
    for left in range(9, -1, -1):
        try:
            program.wait_until_ready()
            break
        except AssertionError:
            if not left or (program.process and program.process.poll() is not None):
                raise


def flows(automations: int, url: str) -> list[dict[str, Any]]:
    """A flow that answers and hands each order on, and one for each automation: conditions, text, request."""
    doors = [f"in{place}" for place in range(1, automations + 1)]
    made = [
        {"id": "events", "type": "tab", "label": "Events"},
        _node("health", "http in", "events", ["health-answer"], url="/health", method="get"),
        _node("health-answer", "http response", "events", [], statusCode="200"),
        _node("orders", "http in", "events", ["answer", "out"], url=PATH, method="post"),
        _node("answer", "http response", "events", [], statusCode="201"),
        _node("out", "link out", "events", [], mode="link", links=doors),
    ]
    for place in range(1, automations + 1):
        made += _automation(place, url)
    return made


def _automation(place: int, url: str) -> list[dict[str, Any]]:
    flow = f"flow{place}"
    wanted = conditions(place)
    steps = [f"if{place}-{number}" for number in range(len(wanted))] + [f"text{place}"]
    made = [{"id": flow, "type": "tab", "label": f"Automation {place}"}]
    made.append(_node(f"in{place}", "link in", flow, [steps[0]], links=["out"]))
    for number, (name, operator, value) in enumerate(wanted):
        sign, kind = SIGNS[operator]
        rule = {"t": sign, "v": LABELS.get(value, value), "vt": kind}
        asked = {"property": f"payload.{name}", "propertyType": "msg", "checkall": "true", "outputs": 1}
        made.append(_node(steps[number], "switch", flow, [steps[number + 1]], rules=[rule], **asked))
    text = {"field": "payload", "fieldType": "msg", "format": "handlebars", "syntax": "mustache"}
    text |= {"template": '{"order": "{{payload.number}}"}', "output": "json"}
    made.append(_node(f"text{place}", "template", flow, [f"request{place}"], **text))
    request = {"method": "POST", "ret": "txt", "paytoqs": "ignore", "url": url, "persist": True}
    made.append(_node(f"request{place}", "http request", flow, [], **request))
    return made


def _node(id: str, type: str, flow: str, follows: list[str], **more: Any) -> dict[str, Any]:
    return {"id": id, "type": type, "z": flow, "name": "", "wires": [follows] if follows else [], **more}
