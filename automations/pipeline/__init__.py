"""The road of a change, in this order: intake, evaluation, delivery. Imports nothing from `features`."""
