"""Tests of the gate's own plate reader."""
