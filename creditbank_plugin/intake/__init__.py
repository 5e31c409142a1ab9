"""Doors for messages: xAPI statements."""
