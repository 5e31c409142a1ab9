"""The way of a completion: kept, decided, posted."""
