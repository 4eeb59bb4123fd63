"""Disclosure control: what published numbers tell of the ones that are withheld."""
