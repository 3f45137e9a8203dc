"""Pages of the imageguard room: originals, handing in, matches, and what the public may ask."""
