"""The base class of effects and how they are found. Imports `runs` and below."""
