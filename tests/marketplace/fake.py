"""A marketplace in memory, with failures by script: the edge that tests of holds and reconciliation fake.

It remembers idempotency keys as real ones do: an order whose key it has seen is answered and not carried out.
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

import pytest

from marketplace import services
from marketplace.connectors.base import Order, Outcome, PermanentError, Ref, State, TransientError
from marketplace.connectors.registry import CONNECTORS


class WorkerKilled(BaseException):
    """The worker's process ends here: nothing after it runs, no handler either."""


@dataclass
class FakeMarketplace:
    """What the marketplace shows, what it was asked, and how it answers next."""

    shown: dict[Ref, State] = field(default_factory=dict)
    calls: list[list[Order]] = field(default_factory=list)
    looks: list[list[Ref]] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    #: what the next calls of `apply` do; empty means that all goes well
    script: deque[Callable[["FakeMarketplace", Sequence[Order]], dict[Ref, Outcome]]] = field(default_factory=deque)
    #: what the next calls of `observe` do before they answer
    look_script: deque[Callable[["FakeMarketplace"], None]] = field(default_factory=deque)

    def shows(self, target) -> State:
        return self.shown.get(ref(target), "up")

    def relist(self, target) -> None:
        self.shown[ref(target)] = "up"

    def then(self, *answers) -> None:
        self.script.extend(answers)

    def carry_out(self, orders: Sequence[Order]) -> dict[Ref, Outcome]:
        for order in orders:
            if order.idempotency_key not in self.keys:
                self.keys.add(order.idempotency_key)
                if self.shown.get(order.ref) != "missing":
                    self.shown[order.ref] = order.desired
        return {order.ref: Outcome() for order in orders}

    def apply(self, orders: Sequence[Order]) -> dict[Ref, Outcome]:
        self.calls.append(list(orders))
        return (self.script.popleft() if self.script else FakeMarketplace.carry_out)(self, orders)

    def observe(self, refs: Sequence[Ref]) -> dict[Ref, State]:
        self.looks.append(list(refs))
        if self.look_script:
            self.look_script.popleft()(self)
        return {r: self.shown.get(r, "up") for r in refs}


def ref(target) -> Ref:
    return Ref(kind=target.kind, external_id=target.external_id)


# --- ways to answer ------------------------------------------------------------------------------------------


def ok(market, orders):
    return market.carry_out(orders)


def time_out_with_effect(market, orders):
    market.carry_out(orders)
    raise TransientError("no answer: ReadTimeout", outcome_unknown=True)


def time_out_without_effect(market, orders):
    raise TransientError("no answer: ReadTimeout", outcome_unknown=True)


def throttled(market, orders):
    raise TransientError("answered 429", retry_after_seconds=120)


def broken(market, orders):
    raise TransientError("answered 503", outcome_unknown=True)


def no_connection(market, orders):
    raise TransientError("no connection: ConnectError")


def refused(market, orders):
    return {order.ref: Outcome(PermanentError("the marketplace refused")) for order in orders}


def bug(market, orders):
    raise KeyError("a bug of the connector")


def killed_before(market, orders):
    raise WorkerKilled()


def killed_after(market, orders):
    market.carry_out(orders)
    raise WorkerKilled()


def only(*external_ids, otherwise):
    """Carries out these, answers the others with an error; an error None leaves them unanswered."""

    def answer(market, orders):
        done = [o for o in orders if o.ref.external_id in external_ids]
        answers = market.carry_out(done)
        if otherwise is not None:
            answers |= {o.ref: Outcome(otherwise) for o in orders if o not in done}
        return answers

    return answer


# --- as a connector --------------------------------------------------------------------------------------------


class FakeConnector:
    """Carries whole shops."""

    kinds: ClassVar[frozenset[str]] = frozenset({"listing", "video", "livestream", "shop"})
    max_batch: ClassVar[int] = 100
    market: ClassVar[FakeMarketplace]

    def __init__(self, connection) -> None:
        self.connection = connection

    def apply(self, orders):
        assert len(orders) <= self.max_batch
        return self.market.apply(orders)

    def observe(self, refs):
        return self.market.observe(refs)

    def catalogue(self):
        return iter(())

    def close(self) -> None:
        pass


class FakeItemsConnector(FakeConnector):
    """Takes down items only; films it cannot take down at all."""

    kinds: ClassVar[frozenset[str]] = frozenset({"listing"})


def connect_fakes(patch: pytest.MonkeyPatch, market: FakeMarketplace) -> FakeMarketplace:
    """Register `fake` and `fake_items` as connectors to one marketplace in memory, and return it."""
    patch.setattr(FakeConnector, "market", market, raising=False)
    patch.setitem(CONNECTORS, "fake", "tests.marketplace.fake.FakeConnector")
    patch.setitem(CONNECTORS, "fake_items", "tests.marketplace.fake.FakeItemsConnector")
    services._kinds.cache_clear()
    return market
