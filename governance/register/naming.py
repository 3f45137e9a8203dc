"""Whose names the public reads: those of organisations. Natural persons appear masked.

A name is held to be an organisation's only where something says so; whatever is in doubt is masked.
"""

import re

from accounts.models import Organisation

#: what the names of organisations contain or end with, in the languages of the rights on file
_ORGANISATION_ZH = re.compile(
    r"公司|集团|企业|工厂|厂$|合作社|事务所|出版社|杂志社|报社|商行|商店|工作室|协会|学会|联合会|基金会|研究院|研究所|大学|学院|"
    r"医院|银行|中心|委员会|政府|部$|局$"
)
_ORGANISATION = re.compile(
    r"\b(ltd|limited|llc|llp|plc|inc|incorporated|corp|corporation|company|gmbh|s\.?a\.?r\.?l|s\.p\.a|s\.r\.l|holdings?|group|"
    r"association|foundation|institute|university|press|publishing|publishers|studios?|society|trust|brands?|"
    r"international|industries)\b\.?",
    re.IGNORECASE,
)
#: short legal forms are syllables of people's names too ("Pak Se Ri"): only as the last word, written as law writes them
_SHORT_FORM = re.compile(r"[\s,](AG|KG|UG|SE|S\.?A\.?|SpA|B\.?V\.?|N\.?V\.?|AB|Oy|A/S|ApS|SAS|Pty|K\.?K\.?|Co\.?)$")
_HAN = re.compile(r"[\u3400-\u9fff]")
MASK = "**"


def public_name(name: str, *, organisation: Organisation | None = None) -> str:
    """The name as the public reads it. `organisation` is whose account says so, if the name is its own."""
    name = name.strip()
    if not name:
        return ""
    if organisation is not None and name == organisation.name and _is_registered(organisation):
        return name
    says_so = any(form.search(name) for form in (_ORGANISATION_ZH, _ORGANISATION, _SHORT_FORM))
    return name if says_so else masked(name)


def _is_registered(organisation: Organisation) -> bool:
    """Verified, with the number of a company; codes that begin with 92 are those of sole traders."""
    has_number = bool(organisation.registration_number or organisation.uscc) and not organisation.uscc.startswith("92")
    return organisation.is_verified and has_number


def masked(name: str) -> str:
    """`张**`, `H** H**`: enough to find oneself, not enough to be found."""
    if _HAN.search(name):
        return name[:1] + MASK
    return " ".join(f"{part[:1]}{MASK}" for part in name.split())
