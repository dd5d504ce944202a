"""Tables, queries and the two databases (SQLite and PostgreSQL) behind one `Database`."""
