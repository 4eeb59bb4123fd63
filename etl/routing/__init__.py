"""Trips timed on real roads: the graph of an extract of OpenStreetMap, or a routing server.

Outside a refresh nothing here runs: `choice.travel_times` gives the way that the settings and the
staged sources ask for, behind :class:`geodata.methods.travel_times.TravelTimes`.
"""
