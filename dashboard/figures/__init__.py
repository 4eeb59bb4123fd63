"""Figures: pure functions from frames to plotly figures."""
