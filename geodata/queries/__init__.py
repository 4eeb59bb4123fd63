"""One question, one function, one statement (SQLAlchemy Core); frames come back."""
