"""Test fires: the whole line on one record, with no effect. Imports `authoring`."""
