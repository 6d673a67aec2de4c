"""Tables, and `write()`, the one way to change them. Imports `connectors` and `engine`, never the
pipeline.
"""
