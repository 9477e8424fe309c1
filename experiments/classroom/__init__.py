"""Lessons: as single files that open anywhere, and live in a class."""
