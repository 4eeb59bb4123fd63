"""The interface for other programs: what the screen shows, under the same masks, by HTTP.

One table of items (`tables`) is declared once (`items`): its fields make the JSON, the CSV, the
OpenAPI document and the data package.
"""
