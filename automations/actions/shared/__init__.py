"""What several kinds of action need: the base class, recipients, text fields, reasons for skipping.

Imports `connectors`, `messages` and `engine`.
"""
