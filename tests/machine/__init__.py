"""Tests of the TCP machine."""
