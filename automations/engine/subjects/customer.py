"""Customers: the people who buy; nothing about them starts an automation yet."""

from __future__ import annotations

from automations.engine.subject import Subject

SUBJECT = Subject("customer", "Customer", "Customers", {}, {}, place=3)
