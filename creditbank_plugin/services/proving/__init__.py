"""Checkpoints of the ledger, and everything that holds it to them."""
