"""Exports: files that say what the screen says."""
