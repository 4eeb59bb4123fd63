"""Methods: pure functions on arrays and frames. No SQL, no web, no file."""
