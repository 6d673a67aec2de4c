"""Figures of what automations did, counted once by the worker and added up by the pages."""
