"""What leaves a trace because somebody saw it: only what was shown. HEAD asks for what stands around it and sees nothing."""

from typing import Any


def is_shown(request: Any) -> bool:
    """Whether the answer is read: looks are recorded, and what is read counts as delivered, only then."""
    return request.method != "HEAD"
