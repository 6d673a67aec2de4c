"""Tests of features/expectations."""
