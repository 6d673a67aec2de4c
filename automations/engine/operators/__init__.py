"""Types of values and the operators that compare them. Imports nothing."""
