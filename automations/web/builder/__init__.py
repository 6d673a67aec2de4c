"""The builder: the form of an automation, drawn, edited, tried and published. Imports `kit`."""
