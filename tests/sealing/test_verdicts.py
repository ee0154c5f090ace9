"""A sealed verdict opens for one site, one declaration and one time, or not at all."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from gate.errors import SealError
from gate.model import (
    Category,
    Corridor,
    CorridorVerdict,
    Declaration,
    NotificationNumber,
    RegistrationMark,
    SealedVerdict,
    TransportMode,
    TravelDirection,
)
from gate.sealing import CIPHERTEXT_LENGTH, binding, check_signature, context, seal
from gate.sealing.binding import SUITE
from gate.sealing.payload import decode_payload, encode_payload
from tests.sealing.made import ARRIVED, NUMBER, REGISTERED, UNTIL, Made, made, plain

MADE = made()
SEALED = MADE.sealed()
ROUTES = st.none() | st.text(max_size=60)
VERDICTS = st.builds(
    CorridorVerdict,
    number=st.just(NUMBER),
    corridor=st.sampled_from(Corridor),
    route=ROUTES,
    deadline_hours=st.none() | st.integers(1, 10_000),
)


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
    first, second = _sealed_verdict(MADE.sealed(one)), _sealed_verdict(MADE.sealed(other))
    assert len(first.ciphertext) == len(second.ciphertext) == CIPHERTEXT_LENGTH
    assert len(first.signature) == len(second.signature)


def test_equal_verdicts_do_not_look_alike() -> None:
    """Two sealings of one verdict share no ciphertext, so RED cannot be recognised by sight."""
    assert _sealed_verdict(MADE.sealed()).ciphertext != _sealed_verdict(MADE.sealed()).ciphertext


@given(st.integers(0, CIPHERTEXT_LENGTH * 8 - 1))
def test_any_flipped_ciphertext_bit_refuses(bit: int) -> None:
    """One bit of ciphertext changed on the way and the signature does not hold."""
    sealed = _sealed_verdict(SEALED)
    bent = replace(SEALED, verdict=replace(sealed, ciphertext=_flipped(sealed.ciphertext, bit)))
    with pytest.raises(SealError, match=r"^signature"):
        MADE.opened(bent)


@given(st.integers(0, 511))
def test_any_flipped_signature_bit_refuses(bit: int) -> None:
    """One bit of signature changed on the way and it does not hold."""
    sealed = _sealed_verdict(SEALED)
    bent = replace(SEALED, verdict=replace(sealed, signature=_flipped(sealed.signature, bit)))
    with pytest.raises(SealError, match=r"^signature"):
        MADE.opened(bent)


@pytest.mark.parametrize(
    "changed",
    [
        replace(SEALED, site="astara"),
        replace(SEALED, direction=TravelDirection.EXIT),
        replace(SEALED, number=NotificationNumber("5728134690223")),
        replace(SEALED, marks=(RegistrationMark("10AA124"), RegistrationMark("99BB999"))),
        replace(SEALED, marks=(RegistrationMark("10AA123"),)),
        replace(SEALED, marks=(RegistrationMark("10AA12399BB999"),)),
        replace(SEALED, version=4),
        replace(SEALED, mode=TransportMode.BAGGAGE),
        replace(SEALED, category=Category.TRANSIT),
        replace(SEALED, registered_at=REGISTERED - timedelta(microseconds=1)),
        replace(SEALED, verdict=replace(_sealed_verdict(SEALED), version=2)),
        replace(SEALED, verdict=replace(_sealed_verdict(SEALED), valid_from=REGISTERED - timedelta(1))),
        replace(SEALED, verdict=replace(_sealed_verdict(SEALED), valid_until=UNTIL + timedelta(1))),
    ],
)
def test_any_changed_bound_field_refuses(changed: Declaration) -> None:
    """A cached row edited in any bound field is not what central signed."""
    with pytest.raises(SealError, match=r"^signature"):
        MADE.opened(changed)


@given(st.data())
def test_any_flipped_bit_of_the_bound_bytes_refuses(data: st.DataObject) -> None:
    """The signature covers every bit of the canonical bytes."""
    sealed = _sealed_verdict(SEALED)
    bound = binding(context(SEALED, version=3, valid_from=REGISTERED, valid_until=UNTIL), sealed.ciphertext)
    MADE.central_public.verify(sealed.signature, bound)
    bit = data.draw(st.integers(0, len(bound) * 8 - 1))
    with pytest.raises(InvalidSignature):
        MADE.central_public.verify(sealed.signature, _flipped(bound, bit))


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


def test_every_field_of_a_declaration_is_bound_or_known_not_to_be() -> None:
    """A field added to Declaration must be bound or put on this list with a reason."""
    bound = {
        *("number", "version", "site", "direction", "mode", "category", "marks", "registered_at", "verdict")
    }
    # A withdrawn declaration carries no verdict at all, so there is nothing to bind its status to.
    assert {field.name for field in fields(Declaration)} - bound == {"status"}


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
    with pytest.raises(SealError, match=r"^site"):
        MADE.opened(SEALED, site="astara")


def test_a_foreign_key_does_not_open() -> None:
    """Another site's private key gets nothing even where the names agree."""
    stranger = Made(MADE.central, X25519PrivateKey.generate())
    with pytest.raises(SealError, match=r"^decryption"):
        stranger.opened(SEALED)


def test_another_central_is_refused() -> None:
    """A verdict signed by anybody else is refused before anything is decrypted."""
    impostor = Made(Ed25519PrivateKey.generate(), MADE.site)
    with pytest.raises(SealError, match=r"^signature"):
        MADE.opened(impostor.sealed())


def test_an_older_verdict_beside_a_newer_declaration_is_refused() -> None:
    """Central itself signing an old version beside a new one is caught by the version check."""
    declaration = plain()
    older = replace(declaration, version=2)
    verdict = CorridorVerdict(NUMBER, Corridor.GREEN, None, None)
    bound = context(declaration, version=2, valid_from=REGISTERED, valid_until=UNTIL)
    ciphertext = SUITE.encrypt(encode_payload(verdict, 2), MADE.site.public_key(), info=bound)
    mixed = SealedVerdict(2, REGISTERED, UNTIL, ciphertext, MADE.central.sign(binding(bound, ciphertext)))
    with pytest.raises(SealError, match=r"^version"):
        MADE.opened(replace(declaration, verdict=mixed))
    whole = MADE.sealed(declaration=older)
    with pytest.raises(SealError, match=r"^signature"):
        MADE.opened(replace(declaration, verdict=whole.verdict))


@pytest.mark.parametrize("at", [REGISTERED - timedelta(microseconds=1), UNTIL, UNTIL + timedelta(days=1)])
def test_outside_its_validity_it_stays_shut(at: datetime) -> None:
    """A verdict opens from its first moment until just before its last."""
    assert MADE.opened(SEALED, at=REGISTERED).corridor is Corridor.YELLOW
    with pytest.raises(SealError, match=r"^validity"):
        MADE.opened(SEALED, at=at)


def test_checks_come_in_their_order() -> None:
    """Where everything is wrong the signature speaks first, then validity, then site."""
    foreign = MADE.sealed(declaration=replace(plain(), site="astara"))
    with pytest.raises(SealError, match=r"^signature"):
        MADE.opened(replace(foreign, version=9), at=datetime(2030, 1, 1, tzinfo=UTC))
    with pytest.raises(SealError, match=r"^validity"):
        MADE.opened(foreign, at=datetime(2030, 1, 1, tzinfo=UTC))
    with pytest.raises(SealError, match=r"^site"):
        MADE.opened(foreign)


@pytest.mark.parametrize("length", [0, CIPHERTEXT_LENGTH - 1, CIPHERTEXT_LENGTH + 1])
def test_a_ciphertext_of_another_length_is_refused(length: int) -> None:
    """Even central cannot publish a verdict whose length tells something."""
    sealed = replace(_sealed_verdict(SEALED), ciphertext=bytes(length))
    with pytest.raises(SealError, match=r"^length"):
        check_signature(replace(SEALED, verdict=sealed), MADE.central_public)


def test_no_verdict_is_no_corridor() -> None:
    """A declaration without a verdict does not open (3.5)."""
    with pytest.raises(SealError, match=r"^no verdict"):
        MADE.opened(plain())


def test_a_route_too_long_is_refused_when_sealing() -> None:
    """Central learns at once that a verdict does not fit, instead of publishing a longer one."""
    with pytest.raises(SealError, match="shorten its route"):
        MADE.sealed(CorridorVerdict(NUMBER, Corridor.RED, "x" * 600, 1))


def test_a_verdict_for_another_number_is_not_sealed() -> None:
    """Central's own slip of two numbers is refused."""
    with pytest.raises(SealError, match=r"^number"):
        MADE.sealed(CorridorVerdict(NotificationNumber("5728134690223"), Corridor.RED, None, None))


def test_a_payload_for_another_number_is_refused() -> None:
    """Central's own slip, rightly signed and bound, is caught once opened."""
    stranger = CorridorVerdict(NotificationNumber("5728134690223"), Corridor.GREEN, None, None)
    bound = context(plain(), version=3, valid_from=REGISTERED, valid_until=UNTIL)
    for payload in (encode_payload(stranger, 3), encode_payload(replace(stranger, number=NUMBER), 2)):
        ciphertext = SUITE.encrypt(payload, MADE.site.public_key(), info=bound)
        signature = MADE.central.sign(binding(bound, ciphertext))
        mixed = SealedVerdict(3, REGISTERED, UNTIL, ciphertext, signature)
        with pytest.raises(SealError, match=r"^payload"):
            MADE.opened(replace(plain(), verdict=mixed))


def test_a_validity_of_nothing_is_not_sealed() -> None:
    """A verdict that would never be valid is refused when sealing."""
    verdict = CorridorVerdict(NUMBER, Corridor.RED, None, None)
    with pytest.raises(SealError, match=r"^validity"):
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
    with pytest.raises(SealError, match=r"^payload"):
        decode_payload(payload)


def test_nothing_secret_is_in_a_repr() -> None:
    """A declaration that lands in a log shows neither ciphertext nor signature."""
    sealed = _sealed_verdict(SEALED)
    assert repr(sealed.ciphertext)[2:20] not in repr(SEALED)
    assert "ciphertext" not in repr(SEALED)
