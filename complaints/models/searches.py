"""Searches that an organisation keeps, and what they have found."""

from typing import Any, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from core import clock
from core.ids import PublicIdField


class SavedSearchQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> Self:
        """Those of the organisation in which somebody acts; nobody else's, staff neither."""
        membership = user.membership
        return self.filter(organisation_id=membership.organisation_id) if membership else self.none()

    def due(self, at: Any) -> Self:
        """In whose entries it is time to look."""
        return self.filter(is_paused=False, look_at__lte=at).order_by("look_at", "pk")


class SavedSearch(models.Model):
    """A search that is asked again and again, and tells of what was not there before.

    What is new lies above a key of the index of search (`SearchEntry`): nothing up to `begins_after` is, and it was
    looked through up to `looked_until`.
    """

    public_id = PublicIdField("ssr")
    organisation = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, related_name="+")
    created_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("name"), max_length=100)
    #: as `marketplace.search.forms` keeps and reads it
    asked = models.JSONField(_("what is looked for"))
    is_paused = models.BooleanField(_("paused"), default=False)
    #: why it was paused by the house; empty when people did
    problem = models.CharField(_("why it is paused"), max_length=300, blank=True)
    begins_after = models.BigIntegerField()
    #: whether all that was on sale then is known to it. Of a search that found too much it is not: then it tells of what
    #: came to a marketplace since, and of nothing that was there
    knows_all = models.BooleanField(default=True)
    looked_until = models.BigIntegerField()
    looked_at = models.DateTimeField(_("last looked"), null=True, blank=True)
    look_at = models.DateTimeField(_("looks next"))
    told_at = models.DateTimeField(_("last letter"), null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now)

    objects = SavedSearchQuerySet.as_manager()

    class Meta:
        verbose_name = _("saved search")
        verbose_name_plural = _("saved searches")
        constraints = [
            models.UniqueConstraint(fields=["organisation", "name"], name="one_saved_search_per_name"),
        ]
        indexes = [
            models.Index(fields=["look_at", "id"], condition=models.Q(is_paused=False), name="saved_search_due"),
        ]

    def __str__(self) -> str:
        return self.name


class SavedSearchHit(models.Model):
    """Something that a saved search found; once, however often it changes.

    What was on sale when it was saved has a row dated before it, unless there was too much: known, and no hit.
    """

    search = models.ForeignKey(SavedSearch, on_delete=models.CASCADE, related_name="hits")
    target = models.ForeignKey("marketplace.Target", on_delete=models.CASCADE, related_name="+")
    found_at = models.DateTimeField(_("found"))
    told_at = models.DateTimeField(_("told"), null=True, blank=True)

    class Meta:
        verbose_name = _("hit of a saved search")
        verbose_name_plural = _("hits of saved searches")
        constraints = [models.UniqueConstraint(fields=["search", "target"], name="a_saved_search_finds_a_thing_once")]
        indexes = [
            models.Index(fields=["search"], condition=models.Q(told_at__isnull=True), name="saved_search_hit_untold"),
        ]

    def __str__(self) -> str:
        return f"{self.search_id}:{self.target_id}"
