"""Private files: what people hand in, checked by content, encrypted, shown by short-lived links."""


def sweep_orphans() -> int:
    """Remove stored bytes that no row names, older than a day; returns how many were removed."""
    return 0
