"""Points, the ladder, penalties and repeat infringers."""
