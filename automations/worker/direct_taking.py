"""Queues the workflows of one round of the relay, and takes those at once that this process has room for.

A workflow that is taken in the transaction that queues it needs no other one to be taken: the library starts
workflows of its own so, with one row that is under way from the beginning. What a dead process had taken and
not begun is taken over like any workflow of its.
"""

from __future__ import annotations

import logging
import uuid
from typing import Any

from dbos import DBOSClient, EnqueueOptions
from dbos._core import execute_dequeued_workflow
from dbos._dbos import _get_dbos_instance
from dbos._sys_db import WorkflowStatusInternal
from dbos._utils import GlobalParams

log = logging.getLogger("automations.worker")


class DirectTaking:
    """The workflows of one round: `queued` ones, by id, and those that were taken."""

    def __init__(self, client: DBOSClient, room: int) -> None:
        self._client, self._room = client, room
        self.queued: list[str] = []
        #: Each with the mark of who owns it.
        self._taken: list[tuple[WorkflowStatusInternal, str]] = []

    @property
    def taken(self) -> list[str]:
        """The ids of the workflows that were taken."""
        return [status["workflow_uuid"] for status, _ in self._taken]

    def forget(self) -> None:
        """Begin anew: the transaction is done again."""
        self.queued.clear()
        self._taken.clear()

    def enqueue_in_transaction(self, session: Any, options: EnqueueOptions, *arguments: Any) -> object:
        """Queue a workflow, or take it, in the transaction of `session`."""
        if len(self._taken) >= self._room:
            self.queued.append(options["workflow_id"])
            return self._client.enqueue_in_transaction(session, options, *arguments)
        system, owner = _get_dbos_instance()._sys_db, str(uuid.uuid4())
        _, status = self._client._build_enqueue_status(options, *arguments)
        status["status"], status["executor_id"] = "PENDING", GlobalParams.executor_id
        status["application_name"] = system.app_name
        self._taken.append((status, owner))
        return system.init_workflow_with_connection(status, session, creator_xid=owner)

    def begin(self) -> None:
        """Begin what was taken, once the transaction is committed."""
        dbos = _get_dbos_instance()
        for status, owner in self._taken:
            try:
                execute_dequeued_workflow(dbos, status, owner)
            except Exception:
                # The sweep resumes what nobody began.
                log.exception("A workflow that was taken was not begun.")
