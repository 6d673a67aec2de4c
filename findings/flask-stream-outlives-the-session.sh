#!/bin/bash
# Flask 3.1.3 with Flask-SQLAlchemy 3.1.1: stream_with_context keeps `request` and `g` for the generator, but not the session of the
# database. With a WSGI server the application context ends when the view has returned, and its teardown closes the session; the
# generator then runs with another one. An object that the view loaded and committed after (commit expires it) raises
# DetachedInstanceError at its first line, when the status 200 is sent already: the file breaks off. A test with the client inside
# `app.app_context()` passes, since the outer context holds the session open. So either ids go into the generator, or the session.
#
# Source: run here, with https://pypi.org/project/Flask/3.1.3/ and https://pypi.org/project/Flask-SQLAlchemy/3.1.1/; streaming:
# https://flask.palletsprojects.com/en/stable/patterns/streaming/; the session's scope:
# https://flask-sqlalchemy.readthedocs.io/en/stable/contexts/
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q flask==3.1.3 flask-sqlalchemy==3.1.1 sqlalchemy==2.1.9 werkzeug==3.1.9
"$folder/venv/bin/python" - <<'PYTHON'
import http.client
import logging
import threading

from flask import Flask, stream_with_context
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm.exc import DetachedInstanceError
from sqlalchemy.pool import StaticPool
from werkzeug.serving import make_server

app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
options = {"poolclass": StaticPool, "connect_args": {"check_same_thread": False}}
app.config["SQLALCHEMY_ENGINE_OPTIONS"] = options
db = SQLAlchemy(app)
raised = []


class Ribbon(db.Model):
    id: Mapped[int] = mapped_column(primary_key=True)
    colour: Mapped[str]


def lines(ribbons):
    yield "Ribbon\n"
    try:
        for ribbon in ribbons:
            yield f"{ribbon.colour}\n"
    except DetachedInstanceError:
        raised.append("DetachedInstanceError")


@app.get("/ribbons")
def ribbons():
    found = db.session.query(Ribbon).all()
    db.session.commit()
    return stream_with_context(lines(found)), {"Content-Type": "text/plain"}


logging.getLogger("werkzeug").setLevel(logging.ERROR)
with app.app_context():
    db.create_all()
    db.session.add(Ribbon(colour="red"))
    db.session.commit()
    in_test = app.test_client().get("/ribbons").text
server = make_server("127.0.0.1", 0, app)
threading.Thread(target=server.serve_forever, daemon=True).start()
connection = http.client.HTTPConnection("127.0.0.1", server.server_port)
connection.request("GET", "/ribbons")
answer = connection.getresponse()
served = answer.read().decode()
server.shutdown()
print(f"test client: {in_test!r}; server: {answer.status} {served!r}, {raised}")
assert in_test == "Ribbon\nred\n"
assert (answer.status, served, raised) == (200, "Ribbon\n", ["DetachedInstanceError"])
PYTHON
