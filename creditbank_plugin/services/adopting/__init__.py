"""The banks' room: orders, mandates, memoranda."""
