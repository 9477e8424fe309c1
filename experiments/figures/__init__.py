"""Figures: one house style (`style`), the map (`map`), and what is built on them.

Nothing is imported here: matplotlib takes its time and not every command draws.
"""
