"""Tests of web/expectations."""
