"""Views of the staff's lists that somebody named: filters, search and order of one list, one's own or the team's.

They keep what stands in the address of the list and nothing of what it shows: whoever opens one sees what they may see.
"""

from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import clock
from core.errors import Forbidden, Invalid, NotYours
from core.ids import PublicIdField
from core.text import clean_text

#: so many stand above one list, one's own first; and so many does one person keep for it
SHOWN = 12
LONGEST_NAME, LONGEST_QUERY = 60, 1000
#: what of an address says where somebody was in the list, and not which list it is
_PLACE_IN_LIST = ("p", "e", "all", "_popup", "_changelist_filters")
SENIORS = ("senior_reviewer", "administrator")


class SavedFilter(models.Model):
    """One named view of one list, as its address says it."""

    public_id = PublicIdField("flt")
    #: `room_model` of the list
    place = models.CharField(gettext_lazy("list"), max_length=64)
    name = models.CharField(gettext_lazy("name"), max_length=LONGEST_NAME)
    query = models.CharField(gettext_lazy("filters and order"), max_length=LONGEST_QUERY, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_filters",
        verbose_name=gettext_lazy("kept by"),
    )  # fmt: skip
    is_shared = models.BooleanField(gettext_lazy("for the whole team"), default=False)
    #: where its owner begins when the list is opened
    is_default = models.BooleanField(gettext_lazy("opens with the list"), default=False)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = gettext_lazy("saved view")
        verbose_name_plural = gettext_lazy("saved views")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "place", "name"], name="one_view_of_a_name"),
            models.UniqueConstraint(
                fields=["owner", "place"], condition=Q(is_default=True), name="one_view_opens_with_a_list"
            ),
        ]
        indexes = [models.Index(fields=["place"], condition=Q(is_shared=True), name="views_of_the_team")]

    def __str__(self) -> str:
        return self.name


def offered_to(user: Any, place: str) -> list[SavedFilter]:
    """What stands above a list for somebody: their own views, then the team's."""
    own = Q(owner=user)
    found = SavedFilter.objects.filter(own | Q(is_shared=True), place=place).select_related("owner")
    return list(found.order_by(models.Case(models.When(own, then=0), default=1), "name", "pk")[:SHOWN])


def kept_of(query: str) -> str:
    """What of an address is kept: filters, search and order."""
    asked = QueryDict(query, mutable=True)
    for name in _PLACE_IN_LIST:
        asked.pop(name, None)
    return asked.urlencode()


@transaction.atomic
def save_filter(
    *, place: str, name: str, query: str, by: Any, is_shared: bool = False, is_default: bool = False
) -> SavedFilter:
    """Keep a view; under a name that somebody uses already it takes the place of that one. Raises Forbidden, Invalid."""
    if not getattr(by, "staff_roles", None):
        raise Forbidden()
    try:
        name, query = clean_text(name, max_length=LONGEST_NAME).strip(), kept_of(query)
    except ValidationError as wrong:
        raise Invalid(" ".join(wrong.messages), field="name") from wrong
    if not name:
        raise Invalid(_("Give the view a name."), field="name")
    if len(query) > LONGEST_QUERY:
        raise Invalid(_("These filters are too long to be kept. Leave some out."), field="query")
    # What somebody keeps is kept one after the other: of two at once neither sees the other's row yet.
    get_user_model()._base_manager.select_for_update(no_key=True).get(pk=by.pk)
    mine = SavedFilter.objects.filter(owner=by, place=place)
    known = list(mine)
    if len(known) >= SHOWN and all(row.name != name for row in known):
        raise Invalid(
            _("You keep %(most)d views of this list already. Delete one first.") % {"most": SHOWN}, field="name"
        )
    if is_default:
        mine.update(is_default=False)
    made, _new = SavedFilter.objects.update_or_create(
        owner=by, place=place, name=name,
        defaults={"query": query, "is_shared": is_shared, "is_default": is_default},
    )  # fmt: skip
    return made


@transaction.atomic
def delete_filter(*, place: str, public_id: str, by: Any) -> SavedFilter:
    """Forget a view: whoever kept it, and of the team's every senior. Raises NotYours."""
    found: QuerySet[SavedFilter] = SavedFilter.objects.filter(place=place, public_id=public_id)
    may = Q(owner=by)
    if by.has_staff_role(*SENIORS):
        may |= Q(is_shared=True)
    row = found.filter(may).first()
    if row is None:
        raise NotYours()
    row.delete()
    return row
