"""Passwords hashed as the house does it, with little work."""

from django.contrib.auth.hashers import ScryptPasswordHasher


class QuickScryptHasher(ScryptPasswordHasher):
    """A thousandth of the work that makes guessing slow: nobody guesses at passwords of tests."""

    work_factor = 2**4
