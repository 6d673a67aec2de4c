"""The connectors of a store, and the context its actions are rendered in. Imports `runs` and `records`."""
