"""Complaints from a spreadsheet: columns are chosen, every row is judged, and what is confirmed is sent by workers."""
