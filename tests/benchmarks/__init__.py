"""Measurements, run by hand; nothing here asserts how long a thing takes."""
