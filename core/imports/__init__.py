"""Sheets that people hand in, whatever stands in them: columns are chosen, every row is judged, and what is confirmed is
done by workers, a line of the result sheet for each row.

A room brings a `Kind` (`kinds.py`): its tables, its columns, how a row is judged and how it is done. All else is here.
"""
