"""What a connector is: the one small interface between ippro and a marketplace.

A connector carries out orders and looks at the present state; it decides nothing and remembers
nothing. It raises `TransientError` or `PermanentError` and nothing else. Write one as a folder under
`marketplace/connectors/`, register it in `registry.py`, and run the conformance kit against it:
`pytest --connector package.module:Harness` (docs/how-to/write-a-connector.md).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, Protocol

State = Literal["up", "down", "missing"]
Kind = Literal["listing", "video", "livestream", "shop"]


class ConnectorError(Exception):
    """Base of the two things that can go wrong; `str()` is safe to show to staff."""


class TransientError(ConnectorError):
    """May succeed later: time-out, 5xx, throttling. `retry_after_seconds` if the marketplace said so.

    `outcome_unknown` is true when the call may have had an effect (a time-out after sending).
    """

    def __init__(
        self,
        message: str,
        *,
        retry_after_seconds: float | None = None,
        outcome_unknown: bool = False,
    ) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds
        self.outcome_unknown = outcome_unknown


class PermanentError(ConnectorError):
    """Will not succeed by trying again: refused, misconfigured, not supported."""


@dataclass(frozen=True, slots=True)
class Ref:
    """One thing on the marketplace, by the marketplace's own id."""

    kind: Kind
    external_id: str


@dataclass(frozen=True, slots=True)
class Order:
    """What the marketplace must show: `desired` is "down" or "up".

    `idempotency_key` is made of target and version: the same order sent twice has one effect.
    `reason` is what the marketplace may show to the seller (a rule, never personal data).
    """

    ref: Ref
    desired: Literal["up", "down"]
    idempotency_key: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one order. `error` None means that the marketplace confirmed `desired`."""

    error: ConnectorError | None = None


@dataclass(frozen=True, slots=True)
class Connection:
    """How to reach one marketplace: public `config`, decrypted `secrets`, and its storefront."""

    slug: str
    storefront_url: str = ""
    config: Mapping[str, Any] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)


class Connector(Protocol):
    """One marketplace's shop system. Instances are cheap, made per batch, and closed after it."""

    #: the kinds it can take down as a whole; a shop that is not among them is held listing by listing
    kinds: ClassVar[frozenset[Kind]]
    #: how many orders one call of `apply` may carry
    max_batch: ClassVar[int]

    def __init__(self, connection: Connection) -> None: ...

    def apply(self, orders: Sequence[Order]) -> Mapping[Ref, Outcome]:
        """Carry out up to `max_batch` orders and answer for each of them.

        Raises TransientError or PermanentError only when nothing can be said of any single order.
        """
        ...

    def observe(self, refs: Sequence[Ref]) -> Mapping[Ref, State]:
        """The present public state of each ref, read fresh from the marketplace."""
        ...

    def catalogue(self) -> Iterator[Mapping[str, Any]]:
        """Everything on the marketplace as events of `POST /api/v1/marketplace/events`, shops first."""
        ...

    def close(self) -> None: ...


class Restricts(Protocol):
    """What a connector may offer besides; one that does not has restrictions carried out by hand."""

    def restrict(self, shop: Ref, measures: Sequence[str], *, idempotency_key: str) -> None:
        """Restrict a shop to exactly these measures, none of them lifting all: `limits` (it puts nothing new on sale),
        `demotion` (it comes last in search), `deposit` (it owes a security deposit).

        Returning means that it is done. Raises TransientError or PermanentError.
        """
        ...
