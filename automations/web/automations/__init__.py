"""The list of automations and what can be done with one, outside the builder. Imports `builder` and
`records`.
"""
