"""Tables, and `write()`, the one way to change them.

May import `actions` and below, never the pipeline.
"""
