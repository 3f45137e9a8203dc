"""Letters to shops about penalties, in the language of whoever reads them."""

from django.conf import settings

from accounts.models import User
from core import mail
from governance.models import Penalty


def tell(penalty: Penalty, template: str) -> None:
    """To every person of the merchant with an account, else to the address that the marketplace gave us."""
    shop = penalty.shop
    context = {"penalty": penalty, "shop": shop}
    key = f"{template}:{penalty.public_id}:{penalty.state}"
    people = User.objects.filter(is_active=True, memberships__organisation=shop.operator) if shop.operator else []
    for person in people:
        mail.write_to(person, template=template, dedupe_key=key, about=penalty.public_id, context=context)
    if not people and shop.contact_email:
        mail.write(
            template=template, dedupe_key=key, to=shop.contact_email, about=penalty.public_id, context=context,
            language=shop.contact_language or settings.LANGUAGE_CODE,
        )  # fmt: skip
