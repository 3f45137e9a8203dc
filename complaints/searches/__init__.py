"""Finding what infringes: search while a complaint is written, and searches that are kept and tell of new hits."""
