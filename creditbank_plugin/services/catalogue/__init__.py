"""Courses, frameworks and their files: what comparisons are made of, and what everybody may read of it."""
