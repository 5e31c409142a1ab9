"""The door to the host: borrow what it already has, initialise nothing app-wide."""
