"""The table that search reads: what is on sale now, in the order in which it changed."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core import clock


class SearchEntry(models.Model):
    """What search knows of one target that is on sale; made anew whenever the target changes.

    So its key is the order of change: newest first is by key, a page goes on below a key, and what has changed since
    somebody looked lies above one. Nothing is kept of what is down, gone, or only named by others.
    """

    target = models.OneToOneField("marketplace.Target", on_delete=models.CASCADE, related_name="search_entry")
    #: what is looked for as it was folded, title first, then two blanks; see `search/words.py`
    text = models.TextField()
    #: the same as the words of the index, and what filters ask for as words of it; see `search/index.py`
    words = models.TextField()
    marketplace = models.ForeignKey(
        "marketplace.Marketplace", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    kind = models.CharField(max_length=16)
    seller = models.ForeignKey(
        "marketplace.Target", null=True, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    #: the category and each step of it, folded, between blanks
    categories = models.CharField(max_length=400, blank=True)
    price = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    currency = models.CharField(max_length=3, blank=True)
    published_at = models.DateTimeField()
    changed_at = models.DateTimeField(default=clock.now, db_index=True)
    #: of `search/index.py`, which made it
    version = models.PositiveSmallIntegerField(default=1)

    class Meta:
        verbose_name = _("entry of the search")
        verbose_name_plural = _("entries of the search")
        # Of a name of many shops what they sell is found by whose it is.
        indexes = [models.Index(fields=["seller", "id"], name="search_entry_of_seller")]

    def __str__(self) -> str:
        return self.text.strip()[:80]
