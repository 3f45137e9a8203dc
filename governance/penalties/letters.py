"""Letters to shops about points and penalties, in the language of whoever reads them."""

from collections.abc import Sequence

from complaints.letters import to_merchant
from governance.models import Penalty, Strike


def tell(penalty: Penalty, template: str) -> None:
    """To the merchant whose shop it is, once in each state."""
    key = f"{template}:{penalty.public_id}:{penalty.state}"
    context = {"penalty": penalty, "shop": penalty.shop}
    to_merchant(penalty.shop, template, key=key, about=penalty.public_id, context=context)


def tell_counted(strike: Strike) -> None:
    """Staff counted points for an act that no decision is about; a decision has its own notice."""
    key = f"points_counted:{strike.public_id}"
    context = {"strike": strike, "shop": strike.shop}
    to_merchant(strike.shop, "points_counted", key=key, about=strike.public_id, context=context)


def tell_taken_back(strikes: Sequence[Strike], reason: str) -> None:
    """Points that no decision was about count no more; what becomes of a decision has letters of its own."""
    for strike in strikes:
        key = f"points_taken_back:{strike.public_id}"
        context = {"strike": strike, "shop": strike.shop, "reason": reason}
        to_merchant(strike.shop, "points_taken_back", key=key, about=strike.public_id, context=context)
