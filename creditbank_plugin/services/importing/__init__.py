"""A province's spreadsheet on its way into the catalogue."""
