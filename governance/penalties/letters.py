"""Letters to shops about penalties, in the language of whoever reads them."""

from complaints.letters import to_merchant
from governance.models import Penalty


def tell(penalty: Penalty, template: str) -> None:
    """To the merchant whose shop it is, once in each state."""
    key = f"{template}:{penalty.public_id}:{penalty.state}"
    context = {"penalty": penalty, "shop": penalty.shop}
    to_merchant(penalty.shop, template, key=key, about=penalty.public_id, context=context)
