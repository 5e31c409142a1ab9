"""Questions to the tables: each takes a connection, none commits."""
