"""Comparing scenarios with the same luck, and sweeps on the same axes: the numbers, before anything is drawn."""
