"""Telling others what changed: the feed that they read, and webhooks that are sent to them."""
