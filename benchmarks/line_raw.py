"""The same rows written by the bare driver, with the product's own durability settings."""

from __future__ import annotations

import itertools
from time import perf_counter
from typing import Any, cast

import sqlalchemy as sa
from flask import Flask

from automations.models.db.base import db

TABLES = ("order", "occurrence", "evaluation", "run")


class Raw:
    """Takes rows the product wrote in `app` as a pattern and writes others like them to `own`."""

    def __init__(self, app: Flask, own: Flask) -> None:
        with app.app_context():
            self.patterns = {name: self._pattern(name) for name in TABLES}
        with own.app_context():
            self.connection = cast("Any", db.engine.raw_connection().driver_connection)
            self.sqlite = db.engine.dialect.name == "sqlite"
        self.statements = {name: self._statement(name) for name in TABLES}
        self.ids = {name: itertools.count(1) for name in TABLES}
        if not self.sqlite:
            self.connection.autocommit = False

    def rate(self, transactions: int, size: int) -> float:
        """Orders a second in `transactions` transactions of `size` orders."""
        batches = [self._rows(size) for _ in range(transactions)]
        began = perf_counter()
        cursor = self.connection.cursor()
        for batch in batches:
            if self.sqlite:
                cursor.execute("BEGIN IMMEDIATE")
            for name in TABLES:
                if len(batch[name]) == 1:
                    cursor.execute(self.statements[name], batch[name][0])
                elif batch[name]:
                    cursor.executemany(self.statements[name], batch[name])
            if self.sqlite:
                cursor.execute("COMMIT")
            else:
                self.connection.commit()
        return transactions * size / (perf_counter() - began)

    def _pattern(self, name: str) -> list[Any]:
        table = db.metadata.tables[name]
        rows = db.session.execute(
            sa.select(sa.text("*")).select_from(table).order_by(table.c.id).limit(50)
        ).all()
        db.session.rollback()
        return [list(row) for row in rows if name != "occurrence" or row[2] == "order"]

    def _statement(self, name: str) -> str:
        marks = ", ".join(["?" if self.sqlite else "%s"] * len(self.patterns[name][0]))
        return f'INSERT INTO "{name}" VALUES ({marks})'

    def _rows(self, size: int) -> dict[str, list[list[Any]]]:
        found: dict[str, list[list[Any]]] = {name: [] for name in TABLES}
        for _ in range(size):
            order = self._row("order", found)
            order[2] = f"R{order[0]}"
            occurrence = self._row("occurrence", found)
            occurrence[3] = order[0]
            if order[0] % 10 == 0:
                evaluation = self._row("evaluation", found)
                evaluation[2] = occurrence[0]
                run = self._row("run", found)
                run[2] = evaluation[0]
        return found

    def _row(self, name: str, found: dict[str, list[list[Any]]]) -> list[Any]:
        id = next(self.ids[name])
        patterns = self.patterns[name]
        row = [id, *patterns[id % len(patterns)][1:]]
        found[name].append(row)
        return row
