"""Tables, and `write()`, the one way to change them. Imports `connectors` and `engine`, never
`actions` or the pipeline.
"""
