"""Tests, in the same order as the package."""
