"""Texts of the interface: one file a language, the same keys in each."""
