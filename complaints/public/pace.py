"""How often one address in the internet may do what costs us letters, files or guesses, and how often all together."""

from typing import Any

from core.api import PublicThrottle
from core.pace import keep_pace

HOUR = 60 * 60
#: pages of the form with links to look up or files to keep; notices kept; guesses at private links
LOOKS, NOTICES, ASKED_AGAIN = 60, 12, 6
#: files that one address may leave here within an hour, whether or not a notice comes of them: each may have 10 MB
FILES = 120
#: letters that strangers cause within an hour, whoever they are: no crowd of addresses makes a mailer of us
LETTERS = 600


def may_look(request: Any) -> None:
    """Raises TooOften."""
    keep_pace(what="public-look", who=_address(request), most=LOOKS, seconds=HOUR)


def may_keep_a_file(request: Any) -> None:
    """Raises TooOften."""
    keep_pace(what="public-file", who=_address(request), most=FILES, seconds=HOUR)


def may_send(request: Any) -> None:
    """Raises TooOften."""
    keep_pace(what="public-notice", who=_address(request), most=NOTICES, seconds=HOUR)
    keep_pace(what="public-letter", who="everybody", most=LETTERS, seconds=HOUR)


def may_ask_again(request: Any) -> None:
    """Raises TooOften."""
    keep_pace(what="public-link", who=_address(request), most=ASKED_AGAIN, seconds=HOUR)
    keep_pace(what="public-letter", who="everybody", most=LETTERS, seconds=HOUR)


def _address(request: Any) -> str:
    return str(PublicThrottle().get_ident(request))
