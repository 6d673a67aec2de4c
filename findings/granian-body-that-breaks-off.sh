#!/bin/bash
# Granian 2.8.9, WSGI: a request whose connection ends in the middle of its body is given to the application all the same, and
# nothing says that something is missing: read(1000) of a body of 100 bytes, of which 40 came, returns those 40, then b"", and read()
# without a size returns b"". No exception, and CONTENT_LENGTH still says 100. waitress 3.0.2 never calls the application for it. Granian
# also sets wsgi.input_terminated, by which Werkzeug documents that it trusts the end of the stream. So whoever reads lines of a body
# (CSV, NDJSON) has to compare its length.
#
# Source: run here, with https://pypi.org/project/granian/2.8.9/ and https://pypi.org/project/waitress/3.0.2/; what Werkzeug trusts:
# https://werkzeug.palletsprojects.com/en/stable/wsgi/ (get_input_stream).
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q granian==2.8.9 waitress==3.0.2
cd "$folder"
cat >ribbons.py <<'PYTHON'
import json
import pathlib


def application(environ, start_response):
    body = environ["wsgi.input"]
    read = [len(body.read())] if environ["PATH_INFO"] == "/whole" else [len(body.read(1000)), len(body.read(10))]
    if environ["REQUEST_METHOD"] == "POST":
        said = [environ["CONTENT_LENGTH"], environ.get("wsgi.input_terminated"), read]
        pathlib.Path(environ["PATH_INFO"][1:]).write_text(json.dumps(said))
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"ok"]
PYTHON
cat >ask.py <<'PYTHON'
import pathlib
import socket
import subprocess
import sys
import time

with socket.socket() as listener:
    listener.bind(("127.0.0.1", 0))
    port = listener.getsockname()[1]
SERVERS = {
    "granian": ["-m", "granian", "--interface", "wsgi", "--no-ws", "--port", str(port), "ribbons:application"],
    "waitress": ["-m", "waitress", "--listen", f"127.0.0.1:{port}", "ribbons:application"],
}


def connect():
    for _ in range(100):
        try:
            return socket.create_connection(("127.0.0.1", port))
        except OSError:
            time.sleep(0.1)
    raise SystemExit("It did not start.")


for name, words in SERVERS.items():
    with subprocess.Popen([sys.executable, *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        for path in ("sized", "whole"):
            with connect() as client:
                client.sendall(b"POST /%s HTTP/1.1\r\nHost: shop\r\nContent-Length: 100\r\n\r\n" % path.encode() + b"a" * 40)
                time.sleep(0.5)
        time.sleep(1)
        server.terminate()
    said = [path.read_text() for path in (pathlib.Path("sized"), pathlib.Path("whole")) if path.exists()]
    print(name, said)
    assert said == {"granian": ['["100", true, [40, 0]]', '["100", true, [0]]'], "waitress": []}[name]
    for path in ("sized", "whole"):
        pathlib.Path(path).unlink(missing_ok=True)
PYTHON
venv/bin/python ask.py
