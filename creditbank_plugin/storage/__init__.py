"""Our tables and the questions we put to them.  Only `session.py` ends a transaction."""
