"""What a share that was counted says of the true one."""

from math import sqrt

#: standard deviations to either side: the interval holds the truth in 95 of 100 cases, and its lower end lies below it in 97.5
_Z = 1.96


def wilson(part: float, whole: int) -> tuple[float, float]:
    """The score interval of a share, from 0 to 1; of nothing counted it is all of that.

    Source: E. B. Wilson, Journal of the American Statistical Association 22 (1927), 209–212.
    """
    if whole <= 0:
        return 0.0, 1.0
    share, spread = part / whole, _Z**2 / whole
    middle = (share + spread / 2) / (1 + spread)
    half = _Z * sqrt(share * (1 - share) / whole + spread / (4 * whole)) / (1 + spread)
    return max(0.0, middle - half), min(1.0, middle + half)
