"""What cells call things by: codes, and the names of choices in every language of the house."""

from collections.abc import Callable
from functools import cache
from typing import Any

from django.conf import settings
from django.utils import translation


def plain(name: str) -> str:
    """Without spaces and without regard to capitals, as people write names into sheets."""
    return "".join(name.casefold().split())


@cache
def codes_by_name(choices: Any, key: Callable[[str], str] = str.casefold) -> dict[str, str]:
    """The values of `TextChoices` by themselves and by their labels in every language, both as `key` makes them."""
    found = {key(choice.value): choice.value for choice in choices}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            found |= {key(str(choice.label)): choice.value for choice in choices}
    return found
