"""Every number on which a verdict hangs, with the measurement that set it."""

# --- what may be registered
SMALLEST_SIDE = 48
FEWEST_POINTS = 12
FEWEST_PLACES = 6
FEWEST_LETTERS = 24
TALLEST_LETTER = 0.12

# --- fast path
HASH_NEAR = 40
HASH_MOST = 8
SAME_BLOCKS = 12
SAME_LIKENESS = 0.6
SAME_DIFFERS = 0.02

# --- search
CANDIDATES = 8
CANDIDATES_AT_REGISTRATION = 16
FEWEST_VOTES = 1.5

# --- tiers
AUTOMATIC = 0.5
REVIEW = 0.25
