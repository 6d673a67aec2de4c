"""What several kinds of action need: the base classes, recipients, text fields, reasons for skipping.

Imports `models` and below, never the pipeline.
"""
