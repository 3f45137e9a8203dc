"""Abuse of the procedure: documented patterns that are looked for, and suspension after a warning."""
