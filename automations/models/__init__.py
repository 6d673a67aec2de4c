"""Tables, and `write()`, the one way to change them.

May import `connectors` and `engine`, never `actions` or the pipeline.
"""
