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
CANDIDATES = 6
FEWEST_VOTES = 1.2
FEWEST_VOTES_AT_REGISTRATION = 3.0

# --- tiers
AUTOMATIC = 0.5
REVIEW = 0.25
AGREES = 0.7
AREA_ENOUGH = 0.35
OWN_ENOUGH = 0.03
WHOLE = 0.85
WEIGHTS = {
    "constant": 0.0, "area": 1.0, "agreement": 1.0, "middle": 1.0, "contradiction": -4.0, "drift": -2.0,
    "likeness": 0.0, "detail": 1.0,
}  # fmt: skip
