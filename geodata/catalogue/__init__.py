"""Meaning as text: what is counted, from whom, for which territory; read by `loader`."""
