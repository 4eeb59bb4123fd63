"""The authority's own records: read at the door, pseudonymised, kept apart, then only counted."""
