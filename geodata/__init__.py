"""What we know and how to ask it: nouns, schema, releases, catalogue, queries and methods."""
