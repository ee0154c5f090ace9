"""A sealed verdict opens for one site, one declaration and one time, or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from gate.errors import SealError, SealFault
from gate.model import (
    Category,
    Corridor,
    CorridorVerdict,
    Declaration,
    DeclarationStatus,
    NotificationNumber,
    RegistrationMark,
    RiskGroup,
    SealedVerdict,
    TransportMode,
    TravelDirection,
)
from gate.sealing import CIPHERTEXT_LENGTH, SIGNATURE_LENGTH, check_signature, context, seal, signed_bytes
from gate.sealing.binding import SUITE, key_label, number_label
from gate.sealing.payload import decode_payload, encode_payload
from tests.sealing.made import ARRIVED, NUMBER, REGISTERED, UNTIL, Made, made, plain

MADE = made()
SEALED = MADE.sealed()
STRANGER = NotificationNumber("5728134690223")
ROUTES = st.none() | st.text(max_size=60)
VERDICTS = st.builds(
    CorridorVerdict,
    number=st.just(NUMBER),
    corridor=st.sampled_from(Corridor),
    route=ROUTES,
    deadline_hours=st.none() | st.integers(1, 10_000),
    group=st.none() | st.sampled_from(RiskGroup),
    selected=st.none() | st.booleans(),
)


@contextmanager
def refused(fault: SealFault) -> Iterator[None]:
    """What happens inside must be refused for this fault."""
    with pytest.raises(SealError) as told:
        yield
    assert told.value.fault == fault, told.value


def _sealed_verdict(declaration: Declaration) -> SealedVerdict:
    assert declaration.verdict is not None
    return declaration.verdict


def _flipped(value: bytes, bit: int) -> bytes:
    changed = bytearray(value)
    changed[bit // 8] ^= 1 << (bit % 8)
    return bytes(changed)


@given(VERDICTS)
def test_what_was_sealed_is_what_opens(verdict: CorridorVerdict) -> None:
    """Any verdict comes out of the door as central put it in."""
    assert MADE.opened(MADE.sealed(verdict)) == verdict


@given(VERDICTS, VERDICTS)
def test_no_length_tells_the_corridor(one: CorridorVerdict, other: CorridorVerdict) -> None:
    """Ciphertext and signature have one length whatever was sealed (3.6)."""
    first, second = MADE.sealed(one), MADE.sealed(other)
    for sealed in (first, second):
        assert len(_sealed_verdict(sealed).ciphertext) == CIPHERTEXT_LENGTH
        assert len(sealed.signature) == SIGNATURE_LENGTH


def test_equal_verdicts_do_not_look_alike() -> None:
    """Two sealings of one verdict share no ciphertext, so RED cannot be recognised by sight."""
    assert _sealed_verdict(MADE.sealed()).ciphertext != _sealed_verdict(MADE.sealed()).ciphertext


@given(st.integers(0, CIPHERTEXT_LENGTH * 8 - 1))
def test_any_flipped_ciphertext_bit_refuses(bit: int) -> None:
    """One bit of ciphertext changed on the way and the signature does not hold."""
    sealed = _sealed_verdict(SEALED)
    bent = replace(SEALED, verdict=replace(sealed, ciphertext=_flipped(sealed.ciphertext, bit)))
    with refused("swapped" if bit < len(number_label(NUMBER)) * 8 else "forged"):
        MADE.opened(bent)


@given(st.integers(0, 511))
def test_any_flipped_signature_bit_refuses(bit: int) -> None:
    """One bit of signature changed on the way and it does not hold."""
    with refused("forged"):
        MADE.opened(replace(SEALED, signature=_flipped(SEALED.signature, bit)))


@pytest.mark.parametrize(
    "changed",
    [
        replace(SEALED, site="astara"),
        replace(SEALED, direction=TravelDirection.EXIT),
        replace(SEALED, marks=(RegistrationMark("10AA124"), RegistrationMark("99BB999"))),
        replace(SEALED, marks=(RegistrationMark("10AA123"),)),
        replace(SEALED, marks=(RegistrationMark("10AA12399BB999"),)),
        replace(SEALED, version=4),
        replace(SEALED, mode=TransportMode.BAGGAGE),
        replace(SEALED, category=Category.TRANSIT),
        replace(SEALED, status=DeclarationStatus.WITHDRAWN),
        replace(SEALED, preliminary=STRANGER),
        replace(SEALED, cargo="01500/6/03/0042"),
        replace(SEALED, cargo=""),
        replace(SEALED, registered_at=REGISTERED - timedelta(microseconds=1)),
        replace(SEALED, verdict=replace(_sealed_verdict(SEALED), version=2)),
        replace(SEALED, verdict=replace(_sealed_verdict(SEALED), valid_from=REGISTERED - timedelta(1))),
        replace(SEALED, verdict=replace(_sealed_verdict(SEALED), valid_until=UNTIL + timedelta(1))),
    ],
)
def test_any_changed_bound_field_refuses(changed: Declaration) -> None:
    """A cached row edited in any bound field is not what central signed."""
    with refused("forged"):
        MADE.opened(changed)


@pytest.mark.parametrize(
    "changed",
    [
        {"category": Category.TRANSIT},
        {"status": DeclarationStatus.WITHDRAWN},
        {"registered_at": REGISTERED - timedelta(hours=1)},
        {"number": STRANGER},
        {"verdict": SEALED.verdict},
        {"signature": b""},
        {"signature": SEALED.signature},
    ],
)
def test_a_row_without_a_verdict_is_signed_like_any_other(changed: dict[str, object]) -> None:
    """A false category refers a vehicle and a false withdrawal holds it: neither is anybody's to write."""
    bare = MADE.signed(plain())
    check_signature(bare, MADE.central_public)
    with refused("forged"):
        check_signature(replace(bare, **changed), MADE.central_public)  # type: ignore[arg-type]  # a case names its fields


def test_a_verdict_taken_away_is_noticed() -> None:
    """The lack of a verdict is signed too: nobody turns a RED declaration into a mere hold."""
    with refused("forged"):
        check_signature(replace(SEALED, verdict=None), MADE.central_public)


@given(st.data())
def test_any_flipped_bit_of_the_signed_bytes_refuses(data: st.DataObject) -> None:
    """The signature covers every bit of the canonical bytes."""
    signed = signed_bytes(SEALED)
    MADE.central_public.verify(SEALED.signature, signed)
    bit = data.draw(st.integers(0, len(signed) * 8 - 1))
    with pytest.raises(InvalidSignature):
        MADE.central_public.verify(SEALED.signature, _flipped(signed, bit))


MARKS = st.lists(st.text("AB1", min_size=1, max_size=3).map(RegistrationMark), max_size=4).map(tuple)


@given(MARKS, MARKS)
def test_different_marks_never_share_bytes(
    one: tuple[RegistrationMark, ...], other: tuple[RegistrationMark, ...]
) -> None:
    """Two declarations have the same context only if they name the same vehicles."""
    first, second = (
        context(replace(plain(), marks=marks), version=3, valid_from=REGISTERED, valid_until=UNTIL)
        for marks in (one, other)
    )
    assert (first == second) is (set(one) == set(other))


OTHERWISE: dict[str, object] = {
    "number": STRANGER,
    "version": 4,
    "site": "astara",
    "direction": TravelDirection.EXIT,
    "mode": TransportMode.BAGGAGE,
    "category": Category.EMPTY,
    "status": DeclarationStatus.WITHDRAWN,
    "marks": (),
    "registered_at": UNTIL,
    "verdict": None,
    "preliminary": NUMBER,
    "cargo": "01500/6/03/0042",
}


def test_every_field_of_a_declaration_is_signed() -> None:
    """A field added to Declaration must change the signed bytes, or this test says so."""
    assert {field.name for field in fields(Declaration)} - set(OTHERWISE) == {"signature"}
    variants = [replace(SEALED, **{name: value}) for name, value in OTHERWISE.items()]  # type: ignore[arg-type]  # a case names its fields
    assert len({signed_bytes(variant) for variant in (SEALED, *variants)}) == len(OTHERWISE) + 1


def test_order_of_marks_and_zone_of_times_do_not_matter() -> None:
    """A store may return marks in another order and times in another zone: it is the same declaration."""
    stored = replace(
        SEALED,
        marks=tuple(reversed(SEALED.marks)),
        registered_at=REGISTERED.astimezone(timezone(timedelta(hours=4))),
    )
    assert MADE.opened(stored).corridor is Corridor.YELLOW


def test_a_foreign_site_is_refused() -> None:
    """A verdict for Samur, rightly signed, does not open at Astara."""
    with refused("foreign"):
        MADE.opened(SEALED, site="astara")


def test_a_foreign_key_does_not_open() -> None:
    """Another site's private key gets nothing even where the names agree."""
    stranger = Made(MADE.central, X25519PrivateKey.generate())
    with refused("foreign"):
        stranger.opened(SEALED)


def test_another_central_is_refused() -> None:
    """A verdict signed by anybody else is refused before anything is decrypted."""
    impostor = Made(Ed25519PrivateKey.generate(), MADE.site)
    with refused("forged"):
        MADE.opened(impostor.sealed())


def test_an_older_verdict_beside_a_newer_declaration_is_refused() -> None:
    """Central itself signing an old version beside a new one is caught by the version check."""
    older = MADE.sealed(declaration=replace(plain(), version=2))
    mixed = replace(plain(), verdict=older.verdict)
    with refused("replayed"):
        MADE.opened(MADE.signed(mixed))
    with refused("forged"):
        MADE.opened(replace(mixed, signature=older.signature))


def test_a_ciphertext_opens_beside_its_own_row_only() -> None:
    """Even rightly signed, a verdict moved to another plate or time does not decrypt: it is swapped."""
    for moved in (
        replace(SEALED, marks=(RegistrationMark("66ZZ666"),)),
        replace(SEALED, registered_at=REGISTERED - timedelta(hours=1)),
        replace(SEALED, verdict=replace(_sealed_verdict(SEALED), valid_until=UNTIL + timedelta(days=1))),
        replace(SEALED, cargo="01500/6/03/0042"),
    ):
        with refused("swapped"):
            MADE.opened(MADE.signed(moved))


@pytest.mark.parametrize("at", [REGISTERED - timedelta(microseconds=1), UNTIL, UNTIL + timedelta(days=1)])
def test_outside_its_validity_it_stays_shut(at: datetime) -> None:
    """A verdict opens from its first moment until just before its last."""
    assert MADE.opened(SEALED, at=REGISTERED).corridor is Corridor.YELLOW
    with refused("early" if at < REGISTERED else "expired"):
        MADE.opened(SEALED, at=at)


def test_checks_come_in_their_order() -> None:
    """Where everything is wrong the swap speaks first, then the signature, validity, site."""
    foreign, late = MADE.sealed(declaration=replace(plain(), site="astara")), datetime(2030, 1, 1, tzinfo=UTC)
    with refused("swapped"):
        MADE.opened(replace(foreign, number=STRANGER, version=9), at=late)
    with refused("forged"):
        MADE.opened(replace(foreign, version=9), at=late)
    with refused("expired"):
        MADE.opened(foreign, at=late)
    with refused("foreign"):
        MADE.opened(foreign)


@pytest.mark.parametrize("length", [0, CIPHERTEXT_LENGTH - 1, CIPHERTEXT_LENGTH + 1])
def test_a_ciphertext_of_another_length_is_refused(length: int) -> None:
    """Even central cannot publish a verdict whose length tells something."""
    sealed = replace(_sealed_verdict(SEALED), ciphertext=bytes(length))
    with refused("malformed"):
        check_signature(replace(SEALED, verdict=sealed), MADE.central_public)


def test_no_verdict_is_no_corridor() -> None:
    """A declaration without a verdict does not open (3.5)."""
    with refused("missing"):
        MADE.opened(MADE.signed(plain()))


def test_a_route_too_long_is_refused_when_sealing() -> None:
    """Central learns at once that a verdict does not fit, instead of publishing a longer one."""
    with pytest.raises(SealError, match="shorten its route"):
        MADE.sealed(CorridorVerdict(NUMBER, Corridor.RED, "x" * 600, 1))


def test_a_verdict_for_another_number_is_not_sealed() -> None:
    """Central's own slip of two numbers is refused."""
    with refused("swapped"):
        MADE.sealed(CorridorVerdict(STRANGER, Corridor.RED, None, None))


def test_a_payload_for_another_number_is_refused() -> None:
    """Central's own slip, rightly signed and bound, is caught once opened."""
    stranger = CorridorVerdict(STRANGER, Corridor.GREEN, None, None)
    labels = number_label(NUMBER) + key_label(MADE.site.public_key())
    bound = context(plain(), version=3, valid_from=REGISTERED, valid_until=UNTIL)
    for payload in (encode_payload(stranger, 3), encode_payload(replace(stranger, number=NUMBER), 2)):
        ciphertext = labels + SUITE.encrypt(payload, MADE.site.public_key(), info=bound)
        mixed = SealedVerdict(3, REGISTERED, UNTIL, ciphertext)
        with refused("swapped"):
            MADE.opened(MADE.signed(replace(plain(), verdict=mixed)))


def test_a_validity_of_nothing_is_not_sealed() -> None:
    """A verdict that would never be valid is refused when sealing."""
    verdict = CorridorVerdict(NUMBER, Corridor.RED, None, None)
    with refused("expired"):
        seal(
            plain(),
            verdict,
            valid_from=ARRIVED,
            valid_until=ARRIVED,
            site_public_key=MADE.site.public_key(),
            central_private_key=MADE.central,
        )


@given(st.binary(max_size=600))
def test_garbage_payloads_are_refused(payload: bytes) -> None:
    """Bytes that are no payload raise SealError and nothing else."""
    with refused("malformed"):
        decode_payload(payload)


def test_nothing_secret_is_in_a_repr() -> None:
    """A declaration that lands in a log shows neither ciphertext nor signature."""
    sealed = _sealed_verdict(SEALED)
    assert repr(sealed.ciphertext)[2:20] not in repr(SEALED)
    assert "ciphertext" not in repr(SEALED)
    assert "signature" not in repr(SEALED)


def test_no_repr_tells_a_risk_group() -> None:
    """An opened verdict that lands in a log says neither group nor draw: they are nobody's here (6.4)."""
    told = repr(CorridorVerdict(NUMBER, Corridor.BLUE, None, None, RiskGroup.LOW, selected=True))
    assert ("LOW" in told, "selected" in told) == (False, False)
