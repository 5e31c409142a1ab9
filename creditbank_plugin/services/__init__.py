"""One verb a file; each call opens exactly one transaction."""
