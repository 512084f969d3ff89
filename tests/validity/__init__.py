"""Tests of the labelled analyses."""
