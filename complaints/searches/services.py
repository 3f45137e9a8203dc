"""Searches that are kept: save, pause, look for what is new, tell of it by letter at most once a day.

A look asks for entries above the last one that it saw: what it costs does not grow with the market, and a search that
was away for a week catches up in one look. Keys may become visible out of order while many write at once, so that each
look begins somewhat earlier than the last one ended; a thing that was found before is not new.
"""

import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Membership, User
from accounts.roles import MAY_ADMINISTER, MAY_COMPLAIN
from complaints.models import SavedSearch, SavedSearchHit
from complaints.searches import selectors
from core import clock, ledger, mail
from core.errors import Invalid, NotYours, WrongState
from core.lifecycle import lock
from core.outbox import hint
from core.pace import keep_pace
from core.text import SHORT
from marketplace.search.access import require_to_search
from marketplace.search.engine import Query, newer, newest_key
from marketplace.search.forms import SearchForm, asked_by

log = logging.getLogger("ippro.searches")

TASK = "complaints.tasks.look_for_hits"
MOST_OF_AN_ORGANISATION = 50
LONGEST_NAME = 100
EVERY, LETTERS_EVERY = timedelta(minutes=30), timedelta(days=1)
#: things that one look takes in, so many at a time; what is older of a crowd is found by the search itself
MOST_IN_A_LOOK, AT_ONCE = 10_000, 500
#: so many things that are on sale when a search is saved are known to it one by one: changed later they are not new. Of one
#: that finds more, only what came on sale afterwards is
MOST_BEFORE = 2_000
#: entries that are looked through once more
OVERLAP = 20_000
#: searches that one task looks in, and how often somebody may have one looked in at once
BATCH, MOST_RUNS_A_MINUTE = 50, 10
#: lines of a letter; the rest is a number
MOST_LINES = 20


class TooManySearches(WrongState):
    code = "too_many_saved_searches"

    @property
    def message(self) -> Any:  # type: ignore[override]
        most = {"most": MOST_OF_AN_ORGANISATION}
        return _("Your organisation keeps %(most)d searches, which is as many as it may. Delete one first.") % most


# --- what people do -------------------------------------------------------------------------------------


@transaction.atomic
def save_search(*, by: User, name: str, asked: Mapping[str, Any]) -> SavedSearch:
    """Keep a search; what is on sale now is not new.

    Raises NotForMerchants, Forbidden, MayNotSearch, TooManySearches, Invalid by field.
    """
    organisation = lock(require_to_search(by).organisation)
    form = asked_by(asked)
    name = " ".join(name.split())[:SHORT] or form.cleaned_data["words"]
    mine = SavedSearch.objects.filter(organisation=organisation)
    if not name or len(name) > LONGEST_NAME:
        raise Invalid(_("Give it a name of at most %(most)d characters.") % {"most": LONGEST_NAME}, field="name")
    if mine.filter(name=name).exists():
        raise Invalid(_("You keep a search of this name already. Give this one another name."), field="name")
    if mine.count() >= MOST_OF_AN_ORGANISATION:
        raise TooManySearches()
    newest = newest_key()
    made = SavedSearch.objects.create(
        organisation=organisation, created_by=by, name=name, asked=form.kept, begins_after=newest, looked_until=newest,
        look_at=clock.now() + EVERY,
    )  # fmt: skip
    there = _unknown(made, form.query_after(0), MOST_BEFORE + 1)
    if len(there) > MOST_BEFORE:
        made.knows_all = False
        made.save(update_fields=["knows_all"])
    else:
        # Dated before the search itself, which no hit is.
        before = made.created_at - timedelta(microseconds=1)
        _keep(made, there, found_at=before, told_at=before)
    _record("saved_search.create", made, by)
    return made


@transaction.atomic
def pause_search(*, search: SavedSearch, by: User) -> SavedSearch:
    """It looks no more until somebody resumes it. Raises Forbidden, NotYours."""
    search = _own(search, by)
    if not search.is_paused:
        search.is_paused = True
        search.save(update_fields=["is_paused"])
        _record("saved_search.pause", search, by)
    return search


@transaction.atomic
def resume_search(*, search: SavedSearch, by: User) -> SavedSearch:
    """It looks again, also through what came while it was paused. Raises Forbidden, NotYours, Invalid."""
    search = _own(search, by)
    if search.is_paused:
        asked_by(search.asked)
        search.is_paused, search.problem, search.look_at = False, "", clock.now()
        search.save(update_fields=["is_paused", "problem", "look_at"])
        _record("saved_search.resume", search, by)
        hint(TASK)
    return search


@transaction.atomic
def delete_search(*, search: SavedSearch, by: User) -> None:
    """Throw it away with what it found. Raises Forbidden, NotYours."""
    search = _own(search, by)
    _record("saved_search.delete", search, by)
    search.delete()


@transaction.atomic
def run_search(*, search: SavedSearch, by: User) -> int:
    """Look now; returns how many new things were found. Raises Forbidden, NotYours, TooOften, Invalid."""
    search = _own(search, by)
    keep_pace(what="saved-search", who=by.public_id, most=MOST_RUNS_A_MINUTE)
    return _look(search)


def _record(kind: str, search: SavedSearch, by: User) -> None:
    # Of the organisation, so that its log says it also when the search is gone.
    ledger.record(kind=kind, subject=search.organisation.public_id, actor=by, payload={"search": search.public_id})


def _own(search: SavedSearch, by: User) -> SavedSearch:
    if require_to_search(by).organisation != search.organisation:
        raise NotYours()
    return lock(search)


# --- what the clock does ----------------------------------------------------------------------------------


def look_due(limit: int = BATCH) -> int:
    """Look in up to `limit` searches that are due, each in a transaction of its own; returns in how many."""
    due = list(SavedSearch.objects.due(clock.now()).values_list("pk", flat=True)[:limit])
    for pk in due:
        try:
            _look_and_tell(pk)
        except SoftTimeLimitExceeded:
            raise
        except Exception:  # one that cannot be asked stops no other
            log.exception("saved search %s could not be looked in", pk)
            SavedSearch.objects.filter(pk=pk).update(look_at=clock.now() + EVERY)
    if len(due) == limit:
        hint(TASK)
    return len(due)


@transaction.atomic
def _look_and_tell(pk: int) -> None:
    # Another worker has it, or somebody runs it by hand: it is not due any more when it is free.
    found = SavedSearch.objects.due(clock.now()).filter(pk=pk).select_for_update(of=("self",), skip_locked=True)
    search = found.select_related("organisation", "created_by").first()
    if search is None:
        return
    if search.organisation.is_verified:
        try:
            _look(search)
        except Invalid as wrong:
            said = " ".join(str(m) for messages in wrong.errors.values() for m in messages) or str(wrong)
            search.is_paused, search.problem = True, said[:300]
            search.save(update_fields=["is_paused", "problem"])
            return
        _tell(search)
    else:
        SavedSearch.objects.filter(pk=pk).update(look_at=clock.now() + EVERY)


def _look(search: SavedSearch) -> int:
    """Take in what is new of a locked search."""
    at, until = clock.now(), newest_key()
    after = max(search.begins_after, search.looked_until - OVERLAP)
    query = asked_by(search.asked).query_after(after)
    if not search.knows_all:
        # What was there may fit since yesterday or for years: nobody knows, and it is told as new neither way.
        query = replace(query, published_since=max(filter(None, (query.published_since, search.created_at))))
    new = _unknown(search, query, MOST_IN_A_LOOK)
    _keep(search, new, found_at=at)
    search.looked_until, search.looked_at, search.look_at = max(until, search.looked_until), at, at + EVERY
    search.save(update_fields=["looked_until", "looked_at", "look_at"])
    return len(new)


def _keep(search: SavedSearch, targets: set[int], **when: datetime) -> None:
    rows = [SavedSearchHit(search=search, target_id=pk, **when) for pk in sorted(targets)]
    SavedSearchHit.objects.bulk_create(rows, batch_size=AT_ONCE)


def _unknown(search: SavedSearch, query: Query, most_seen: int) -> set[int]:
    """Targets that fit and were not found before, among so many of the newest.

    What was found before fits again whenever it changes: however much of that there is, it hides nothing new.
    """
    new: set[int] = set()
    seen, below = 0, None
    while (most := min(AT_ONCE, most_seen - seen)) > 0:
        page = newer(query, most=most, below=below)
        targets = {target_id for _key, target_id in page}
        new |= targets.difference(search.hits.filter(target__in=targets).values_list("target_id", flat=True))
        if len(page) < most:
            break
        seen, below = seen + len(page), page[-1][0]
    return new


def _tell(search: SavedSearch) -> None:
    """A letter about what nobody was told of, if the last one is a day old."""
    at = clock.now()
    if search.told_at is not None and search.told_at > at - LETTERS_EVERY:
        return
    # What has gone in the meantime is nothing to complain of; if it comes back, it is told then.
    there = search.hits.filter(told_at__isnull=True, target__search_entry__isnull=False)
    first = there.order_by("pk").first()
    if first is None:
        return
    lines, count = selectors.hits_of(there, most=MOST_LINES), there.count()
    for reader in _readers(search):
        mail.write_to(
            reader, template="saved_search_found", dedupe_key=f"saved_search:{search.public_id}:{first.pk}",
            about=search.public_id,
            context={"search": search, "lines": lines, "count": count, "more": count - len(lines)},
        )  # fmt: skip
    search.told_at = at
    search.save(update_fields=["told_at"])
    there.update(told_at=at)


def _readers(search: SavedSearch) -> list[User]:
    """Who saved it, while that person may still complain there; else the administrators."""
    people = Membership.objects.filter(organisation=search.organisation, user__is_active=True).select_related("user")
    own = people.filter(user=search.created_by, role__in=MAY_COMPLAIN)
    return [m.user for m in own or people.filter(role__in=MAY_ADMINISTER).order_by("pk")]


def form_of(search: SavedSearch) -> SearchForm | None:
    """What it looks for, as a form; None where that can be asked no more."""
    try:
        return asked_by(search.asked)
    except Invalid:
        return None
