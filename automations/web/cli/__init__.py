"""Commands of the `flask` program. Imports `setup`."""
