"""Ratios against named alternatives, run side by side; not part of the tests."""
