"""Patterns in how many complaints come, against whom, and when."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from django.db.models import Count, Q
from django.utils import timezone

from accounts.models import Organisation
from complaints.abuse.patterns.parts import (
    MOST_CASES,
    MOST_ROWS,
    Evidence,
    cases_of,
    complaints_since,
    dismissals_since,
    half_year,
    links_since,
    month,
)
from complaints.models import Complaint
from filings.models import GenuineSeller

#: a complaint of so few links is a partial one; so many of them against one shop under one right are a series
PARTIAL_LINKS, SERIES, SERIES_DAYS = 2, 6, 14
#: one thing complained of so often, under whatever rights
SPLIT, SPLIT_DAYS = 3, 90
#: the rule of a dismissal because the goods are genuine or licensed
GENUINE, LICENSED, LICENSED_DAYS = "D3", 3, 180
#: a burst: so many complaints in the days before a festival, and so many times what is usual
BURST, BURST_DAYS, BURST_TIMES, USUAL_DAYS = 10, 14, 3, 90

#: sales festivals on a fixed day of the year, by month and day
FESTIVALS = {"618": (6, 18), "1111": (11, 11), "1212": (12, 12)}
#: the first day of the Spring Festival. Source: calendar of the Purple Mountain Observatory (GB/T 33661-2017)
SPRING_FESTIVALS = (
    date(2024, 2, 10), date(2025, 1, 29), date(2026, 2, 17), date(2027, 2, 6), date(2028, 1, 26), date(2029, 2, 13),
    date(2030, 2, 3), date(2031, 1, 23), date(2032, 2, 11), date(2033, 1, 31), date(2034, 2, 19), date(2035, 2, 8),
)  # fmt: skip


def serial_partial(organisation: Organisation, at: datetime) -> Iterator[Evidence]:
    """One shop, one right, and many small complaints where one would have done."""
    links = links_since(organisation, at, days=SERIES_DAYS).order_by("-pk")
    small = _small_complaints(organisation, at)
    groups: dict[tuple[str, int], dict[str, None]] = defaultdict(dict)
    for right, shop, case in links.values_list("complaint__filing__public_id", "seller", "complaint__public_id")[
        :MOST_ROWS
    ]:
        if case in small:
            groups[right, shop][case] = None
    for (right, shop), cases in groups.items():
        if len(cases) >= SERIES:
            yield Evidence(f"{right}:{shop}:{month(at)}", list(cases)[:MOST_CASES], {"n": len(cases)})


def _small_complaints(organisation: Organisation, at: datetime) -> set[str]:
    recent = complaints_since(organisation, at, days=SERIES_DAYS).annotate(n=Count("targets"))
    return set(recent.filter(n__lte=PARTIAL_LINKS).order_by("-pk").values_list("public_id", flat=True)[:MOST_ROWS])


def claim_splitting(organisation: Organisation, at: datetime) -> Iterator[Evidence]:
    """The same thing complained of again and again, under one right after the other."""
    links = links_since(organisation, at, days=SPLIT_DAYS)
    often = links.order_by().values("target__public_id").annotate(n=Count("complaint", distinct=True))
    for row in often.filter(n__gte=SPLIT).order_by("-n", "target__public_id")[:MOST_CASES]:
        target = row["target__public_id"]
        cases = cases_of(links.filter(target__public_id=target), "complaint__public_id")
        yield Evidence(target, cases, {"n": row["n"]})


def licensed_sellers(organisation: Organisation, at: datetime) -> Iterator[Evidence]:
    """Links of sellers whose goods were found genuine, or whom the complainant itself named as genuine elsewhere."""
    genuine = dismissals_since(organisation, at, days=LICENSED_DAYS).filter(rule=GENUINE)
    named = GenuineSeller.objects.filter(filing__organisation=organisation).values("shop")
    own = links_since(organisation, at, days=LICENSED_DAYS).filter(Q(target__in=named) | Q(target__shop__in=named))
    n = genuine.count() + own.count()
    if n >= LICENSED:
        cases = dict.fromkeys([*cases_of(genuine), *cases_of(own, "complaint__public_id")])
        yield Evidence(half_year(at), list(cases)[:MOST_CASES], {"n": n})


def festival_burst(organisation: Organisation, at: datetime) -> Iterator[Evidence]:
    """Many more complaints than usual in the two weeks before a sales festival."""
    for name, day in festivals_near(timezone.localdate(at)):
        begins = timezone.make_aware(datetime.combine(day - timedelta(days=BURST_DAYS), time.min))
        ends = timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))
        mine = Complaint.objects.filter(
            organisation=organisation, created_at__lt=min(ends, at + timedelta(microseconds=1))
        )
        burst = mine.filter(created_at__gte=begins)
        n = burst.count()
        if n < BURST:
            continue
        before = mine.filter(created_at__lt=begins, created_at__gte=begins - timedelta(days=USUAL_DAYS)).count()
        usual = max(1.0, before * BURST_DAYS / USUAL_DAYS)
        if n > BURST_TIMES * usual:
            yield Evidence(f"{name}-{day.year}", cases_of(burst, "public_id"), {
                "n": n, "usual": round(usual), "festival": f"{day:%Y-%m-%d}",
            })  # fmt: skip


def festivals_near(today: date) -> Iterator[tuple[str, date]]:
    """The festivals before which somebody may be complaining now, and those that were a week ago."""
    days = [(name, date(today.year, *when)) for name, when in FESTIVALS.items()]
    days += [("spring", day) for day in SPRING_FESTIVALS]
    for name, day in days:
        if -7 <= (day - today).days <= BURST_DAYS:
            yield name, day
