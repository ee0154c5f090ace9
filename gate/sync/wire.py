"""What travels between a checkpoint and central: strict shapes with bounded sizes.

Paths: `/v2/sites/{site}/feed` (central to edge), `/v1/sites/{site}/events` and `/v1/sites/{site}/heads` (edge
to central). In the feed's first version a declaration without a verdict travelled unsigned. An older end asks
for the path it knows and is told that there is none: to it the other is away, and its vehicles are held.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Final

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    PlainSerializer,
    ValidationInfo,
    model_validator,
)
from pydantic_core import to_json

from gate.model import (
    Category,
    Declaration,
    DeclarationStatus,
    NotificationNumber,
    NumberFormats,
    OutboxMessage,
    RegistrationMark,
    SealedVerdict,
    TransportMode,
    TravelDirection,
    normalise_mark,
)
from gate.sealing import CIPHERTEXT_LENGTH, SIGNATURE_LENGTH
from gate.sealing.heads import HASH_LENGTH, Head, SignedHead, head_time

PAGE_LIMIT: Final = 500
"""Feed items on one page, and events in one batch."""
MAX_PAGE_BYTES: Final = 4 * 1024 * 1024
MAX_BATCH_BYTES: Final = 16 * 1024 * 1024
"""Of a batch of events, unpacked."""
HEAD_LIMIT: Final = 200
"""Journal heads shown to central at once."""
MAX_HEADS_BYTES: Final = 256 * 1024
MAX_MARKS: Final = 20
MAX_MARK_LENGTH: Final = 16
_MAX_INTEGER: Final = 2**53
"""JSON readers elsewhere keep integers exact up to here only."""


def feed_path(site: str) -> str:
    """Where a site's feed is read."""
    return f"/v2/sites/{site}/feed"


def events_path(site: str) -> str:
    """Where a site's events are written."""
    return f"/v1/sites/{site}/events"


def heads_path(site: str) -> str:
    """Where the heads of a site's journal are countersigned."""
    return f"/v1/sites/{site}/heads"


def _number(text: str, info: ValidationInfo) -> str:
    formats = info.context if isinstance(info.context, NumberFormats) else NumberFormats()
    if formats.notification.parse(text) != text:
        raise ValueError(
            f"is not a notification number: {formats.notification.length} digits with their check"
        )
    return text


def _mark(text: str) -> str:
    if not text or normalise_mark(text) != text:
        raise ValueError("is not a normalised registration mark: capital letters and digits only")
    return text


def _utc(value: datetime) -> datetime:
    return value.astimezone(UTC)


def _from_base64(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("is not base64") from error


def _to_base64(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")


Site = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")]
Number = Annotated[str, Field(max_length=18), AfterValidator(_number)]
Mark = Annotated[str, Field(max_length=MAX_MARK_LENGTH), AfterValidator(_mark)]
PreliminaryCode = Annotated[str, Field(pattern=r"^[0-9]{6,18}$")]
"""Of the preliminary-informing service. Its check digit, if it has one, is that service's business."""
CargoNumber = Annotated[str, Field(pattern=r"^[0-9]{5}/[0-9]/(0[1-9]|1[0-2])/[0-9]{4}$")]
"""Customs office, last digit of the year, month, sequence."""
Moment = Annotated[AwareDatetime, AfterValidator(_utc)]
Count = Annotated[int, Field(ge=1, le=_MAX_INTEGER)]
_Base64 = (BeforeValidator(_from_base64), PlainSerializer(_to_base64, return_type=str))
Ciphertext = Annotated[bytes, Field(min_length=CIPHERTEXT_LENGTH, max_length=CIPHERTEXT_LENGTH), *_Base64]
Digest = Annotated[bytes, Field(min_length=HASH_LENGTH, max_length=HASH_LENGTH), *_Base64]
Epoch = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
Signature = Annotated[bytes, Field(min_length=SIGNATURE_LENGTH, max_length=SIGNATURE_LENGTH), *_Base64]


class _Wire(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class WireVerdict(_Wire):
    """A sealed verdict, of one fixed length: no length tells a corridor (3.6)."""

    version: Count
    valid_from: Moment
    valid_until: Moment
    ciphertext: Ciphertext


class WireDeclaration(_Wire):
    """A declaration as published to one site, signed by central whether it has a verdict or not."""

    number: Number
    version: Count
    site: Site
    direction: TravelDirection
    mode: TransportMode
    category: Category
    status: DeclarationStatus
    marks: Annotated[tuple[Mark, ...], Field(max_length=MAX_MARKS)]
    registered_at: Moment
    preliminary: PreliminaryCode | None
    cargo: CargoNumber | None
    verdict: WireVerdict | None
    signature: Signature

    @model_validator(mode="after")
    def _withdrawn_has_no_verdict(self) -> WireDeclaration:
        if self.status is DeclarationStatus.WITHDRAWN and self.verdict is not None:
            raise ValueError("is withdrawn and yet carries a verdict")
        return self

    @classmethod
    def of(cls, declaration: Declaration) -> WireDeclaration:
        """`declaration` as it travels; it must have been signed."""
        sealed = declaration.verdict
        return cls(
            number=declaration.number,
            version=declaration.version,
            site=declaration.site,
            direction=declaration.direction,
            mode=declaration.mode,
            category=declaration.category,
            status=declaration.status,
            marks=declaration.marks,
            registered_at=declaration.registered_at,
            preliminary=declaration.preliminary,
            cargo=declaration.cargo,
            verdict=None
            if sealed is None
            else WireVerdict(
                version=sealed.version,
                valid_from=sealed.valid_from,
                valid_until=sealed.valid_until,
                ciphertext=sealed.ciphertext,
            ),
            signature=declaration.signature,
        )

    def declaration(self) -> Declaration:
        """What arrived, as the house knows it."""
        sealed = self.verdict
        return Declaration(
            number=NotificationNumber(self.number),
            version=self.version,
            site=self.site,
            direction=self.direction,
            mode=self.mode,
            category=self.category,
            status=self.status,
            marks=tuple(RegistrationMark(mark) for mark in self.marks),
            registered_at=self.registered_at,
            verdict=None
            if sealed is None
            else SealedVerdict(
                version=sealed.version,
                valid_from=sealed.valid_from,
                valid_until=sealed.valid_until,
                ciphertext=sealed.ciphertext,
            ),
            preliminary=NotificationNumber(self.preliminary) if self.preliminary is not None else None,
            cargo=self.cargo,
            signature=self.signature,
        )


class FeedItem(_Wire):
    """One step of the change feed."""

    cursor: Count
    declaration: WireDeclaration


class FeedPage(_Wire):
    """One answer of the feed. Items stay raw: each is judged alone, so one bad item stops nothing."""

    items: Annotated[tuple[JsonValue, ...], Field(max_length=PAGE_LIMIT)]
    cursor: Annotated[int, Field(ge=0, le=_MAX_INTEGER)]
    """Of the last item; what to ask after next."""
    head: Annotated[int, Field(ge=0, le=_MAX_INTEGER)]
    """Of the newest item there is."""
    now: Moment
    """Central's time when it began this answer: what it holds is at least as new."""


class WireEvent(_Wire):
    """One outbox message."""

    seq: Count
    kind: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9._-]{0,63}$")]
    at: Moment
    body: dict[str, JsonValue]


class EventBatch(_Wire):
    """Consecutive outbox messages of one journal."""

    site: Site
    epoch: Epoch
    missing_before: Count | None = None
    """Set to the first event's seq when the edge no longer holds what came before it."""
    events: Annotated[tuple[WireEvent, ...], Field(max_length=PAGE_LIMIT)]
    """None at all asks only where central stands."""

    @model_validator(mode="after")
    def _consecutive(self) -> EventBatch:
        if not self.events:
            return self
        first = self.events[0].seq
        if [event.seq for event in self.events] != list(range(first, first + len(self.events))):
            raise ValueError("events are not numbered one after the other")
        if self.missing_before not in (None, first):
            raise ValueError("missing_before is not the number of the first event")
        return self


class Acknowledgement(_Wire):
    """Everything of this journal up to and including this number is kept."""

    acknowledged: Annotated[int, Field(ge=0, le=_MAX_INTEGER)]
    now: Moment
    """Central's time when it began this answer."""


class WireHead(_Wire):
    """Where a journal stood, signed by its site."""

    seq: Count
    hash: Digest
    previous: Annotated[int, Field(ge=0, le=_MAX_INTEGER)]
    at: Moment
    signature: Signature

    @model_validator(mode="after")
    def _goes_on(self) -> WireHead:
        if self.previous >= self.seq:
            raise ValueError("does not come after the head before it")
        return self


class HeadBatch(_Wire):
    """Heads of one journal, oldest first."""

    site: Site
    epoch: Epoch
    heads: Annotated[tuple[WireHead, ...], Field(min_length=1, max_length=HEAD_LIMIT)]

    @model_validator(mode="after")
    def _in_order(self) -> HeadBatch:
        numbers = [head.seq for head in self.heads]
        if numbers != sorted(set(numbers)):
            raise ValueError("heads are not in order")
        return self

    @classmethod
    def of(cls, signed: Sequence[SignedHead]) -> HeadBatch:
        """Signed heads of one journal as they travel."""
        first = signed[0].head
        return cls(
            site=first.site,
            epoch=first.epoch,
            heads=tuple(
                WireHead(
                    seq=one.head.seq,
                    hash=one.head.hash,
                    previous=one.head.previous,
                    at=datetime.fromisoformat(one.head.at),
                    signature=one.signature,
                )
                for one in signed
            ),
        )

    def signed(self) -> tuple[SignedHead, ...]:
        """What arrived, as it was signed."""
        return tuple(
            SignedHead(
                Head(self.site, self.epoch, one.seq, one.hash, one.previous, head_time(one.at)), one.signature
            )
            for one in self.heads
        )


class WireCountersignature(_Wire):
    """Central's countersignature of the head at `seq`."""

    seq: Count
    at: Moment
    signature: Signature


class HeadsCountersigned(_Wire):
    """The answer to a HeadBatch: one for each, in its order."""

    heads: Annotated[tuple[WireCountersignature, ...], Field(max_length=HEAD_LIMIT)]


class Refusal(_Wire):
    """Why a request was refused, for people."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    error: str
    where: str
    do: str


def wire_event(message: OutboxMessage) -> WireEvent:
    """An outbox message as it travels; ValueError when its body is not JSON-able."""
    return WireEvent.model_validate_json(
        to_json({"seq": message.seq, "kind": message.kind, "at": message.at, "body": dict(message.body)})
    )
