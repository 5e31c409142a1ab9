"""What the address of a page asks for."""

from flask import request

from creditbank_plugin.rules.whole import whole

LONGEST = 200


def words(name: str = "q") -> str:
    """Return the words that are looked for, empty for none; of very long ones the beginning."""
    return request.args.get(name, "").strip()[:LONGEST]


def number(name: str) -> int:
    """Return a number that a page of ours has put there, 0 for anything else."""
    return whole(request.args.get(name, ""), 7) or 0
