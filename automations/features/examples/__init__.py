"""Pinned examples: what an automation must do with a frozen moment, asked at every save and by publishing.

Below authoring, which asks them before it publishes. Imports the line.
"""
