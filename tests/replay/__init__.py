"""Tests of gate.replay."""
