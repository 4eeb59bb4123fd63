"""Inspection: what an unknown file is, found out before anything is said of it.

`container` finds how it is written, `columns` what each column holds, `codes` which one holds the
areas, `years` which name holds a year, `shape` how rows and columns make figures.
"""
