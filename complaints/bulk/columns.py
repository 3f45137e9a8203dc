"""What the columns of a sheet are: guessed from their headers in English and Chinese, or remembered from the last one."""

import hashlib
from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

LINK, FILING, INFRINGEMENT, DESCRIPTION = "link", "filing", "infringement", "description"
#: what a column can be, in the order in which people are asked
ROLES = {
    LINK: _("Link of what infringes"),
    FILING: _("Right"),
    INFRINGEMENT: _("Kind of infringement"),
    DESCRIPTION: _("Description"),
}
#: words in a header that say what its column is; the first column that has one of them is it
_WORDS = {
    LINK: ("链接", "网址", "地址", "link", "url", "address"),
    FILING: ("权利", "商标", "注册号", "登记号", "证书", "备案", "registration", "trademark", "right", "filing", "brand"),
    INFRINGEMENT: ("侵权类型", "侵权种类", "类型", "种类", "infringement", "kind", "type", "reason"),
    DESCRIPTION: ("说明", "描述", "理由", "事实", "备注", "description", "details", "facts", "comment", "note"),
}  # fmt: skip


def fingerprint(header: Sequence[str]) -> str:
    """By which a header is known again, however it is spaced and written."""
    return hashlib.sha256("\x1f".join("".join(cell.casefold().split()) for cell in header).encode()).hexdigest()


def has_header(first: Sequence[str]) -> bool:
    """Whether the first row names columns: one that has a web address in it is a row like all others."""
    return not any("://" in cell for cell in first)


def guessed(header: Sequence[str]) -> dict[str, int]:
    """The column of each role, as far as its header says so; none is two things."""
    found: dict[str, int] = {}
    lowered = [cell.casefold() for cell in header]
    for role, words in _WORDS.items():
        for word in words:
            place = next((i for i, cell in enumerate(lowered) if word in cell and i not in found.values()), None)
            if place is not None:
                found[role] = place
                break
    return found


def letter(position: int) -> str:
    """How a spreadsheet names a column: A for 0, AA for 26."""
    name, rest = "", position + 1
    while rest:
        rest, digit = divmod(rest - 1, 26)
        name = chr(65 + digit) + name
    return name
