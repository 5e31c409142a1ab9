"""Figures, each beside a floor measured in the same run; nothing here asserts a time."""
