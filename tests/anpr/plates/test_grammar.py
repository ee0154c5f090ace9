"""The reader's grammar on what a net might say, written by hand."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.anpr.plates.alphabet import PERSIAN_DIGITS, PERSIAN_LETTERS, SIGNS, STATES, to_mark
from gate.anpr.plates.grammar import decode
from gate.anpr.plates.lattice import find_slots
from gate.anpr.plates.templates import BORDER, FORMS, Form, fits
from gate.anpr.training import states_americas, states_border, states_europe
from gate.anpr.training.marks import draw_rows
from tests.anpr.plates.nets import net_signs, net_states

DIGITS = "0123456789"
_RANGES = {"D": DIGITS, "P": PERSIAN_DIGITS, "a": "012345678", "b": "012", "c": "01"}


@st.composite
def written(draw: st.DrawFn) -> tuple[Form, tuple[str, ...]]:
    """A form and signs that are written so."""
    form = draw(st.sampled_from(FORMS))
    signs = []
    for kind in form.form:
        options = {**_RANGES, "L": form.letters}.get(kind, kind)
        signs.append(draw(st.sampled_from(sorted(PERSIAN_LETTERS) if kind == "K" else list(options))))
    return form, tuple(signs)


@given(written(), st.booleans())
def test_what_a_net_is_sure_of_is_the_mark(one: tuple[Form, tuple[str, ...]], knows_state: bool) -> None:
    """Any mark of any state is read as it stands, whether the net knows the state or not."""
    form, signs = one
    assert fits(form.state, signs)
    read = decode(net_signs(signs), net_states(form.state if knows_state else None))
    assert read.mark == to_mark(signs)
    assert read.raw == "".join(signs)
    assert read.confidence > 0.95
    assert min(read.characters) > 0.95
    if knows_state:
        assert read.state == form.state


@given(written(), st.integers(1, 6))
def test_two_lines_are_one_mark(one: tuple[Form, tuple[str, ...]], at: int) -> None:
    """The upper row and then the lower one, wherever the mark is parted."""
    _, signs = one
    at = min(at, len(signs) - 1)
    assert decode(net_signs(signs[:at], signs[at:]), net_states()).mark == to_mark(signs)


@given(st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=1, max_size=12))
def test_foreign_marks_survive(mark: str) -> None:
    """What no state writes is no less a mark: what a net is sure of is never bent to a form."""
    read = decode(net_signs(tuple(mark)), net_states("AZ"))
    assert read.mark == mark
    assert read.raw == mark


@pytest.mark.parametrize(
    ("read", "state", "mark"),
    [
        ("1OAAO19", "AZ", "10AA019"),
        ("I23ABCO1", "KZ", "123ABC01"),
        ("0911BM36", "RU", "O911BM36"),
        ("K435X886", "RU", "K435XB86"),
        ("8A123CD", "SK", "BA123CD"),
        ("34Q8123", "TR", "34O8123"),
    ],
)
def test_doubtful_twins_are_settled_by_the_form(read: str, state: str, mark: str) -> None:
    """Where O and 0, I and 1, B and 8, Q and O look alike to the net, the state's way of writing tells."""
    twins = {"O": "O0", "0": "O0", "I": "I1", "1": "I1", "B": "B8", "8": "B8", "Q": "QO"}
    cells = [
        dict(zip(twins[sign], (0.62, 0.37) if twins[sign][0] == sign else (0.37, 0.62), strict=True))
        if sign in twins
        else sign
        for sign in read
    ]
    settled = decode(net_signs(cells), net_states(state))
    assert (settled.mark, settled.state) == (mark, state)
    assert read in (settled.mark, settled.raw)


def test_a_crest_read_as_a_sign_is_left_out_and_a_faint_sign_is_put_in() -> None:
    """A badge between groups that might be an 8 is none; a digit under dirt, all but blank, is one."""
    crest = decode(net_signs(["B", "A", {"8": 0.6}, "1", "2", "3", "C", "D"]), net_states("SK"))
    assert crest.mark == "BA123CD"
    assert "BA8123CD" in crest.alternatives
    assert crest.confidence < 0.99
    faint = decode(net_signs(["1", "0", "A", "A", {"0": 0.2}, "1", "9"]), net_states("AZ"))
    assert (faint.mark, faint.raw) == ("10AA019", "10AA19")
    assert faint.characters[4] < min(faint.characters[:4])


def test_a_sign_that_the_net_wavers_about_is_one_sign() -> None:
    """CTC may write 8 and then B for one sign, without a blank between: a form knows better."""
    signs = net_signs(tuple("10AA019"))
    at = int(np.flatnonzero(signs.argmax(axis=1) == SIGNS.index("9"))[0])
    for step, (nine, two) in ((at, (0.55, 0.44)), (at + 1, (0.44, 0.55))):
        signs[step, SIGNS.index("9")], signs[step, SIGNS.index("2")] = np.log((nine, two))
    read = decode(signs, net_states("AZ"))
    assert read.raw == "10AA0192"
    assert read.mark in {"10AA019", "10AA012"}
    assert read.confidence < 0.9


def test_iranian_signs_are_written_in_latin() -> None:
    """Persian digits and the letter become the mark's; raw keeps them as they are on the plate."""
    signs = (*PERSIAN_DIGITS[1:3], "ص", *PERSIAN_DIGITS[3:8])
    read = decode(net_signs(signs), net_states("IR"))
    assert (read.mark, read.raw, read.state) == ("12S34567", "".join(signs), "IR")
    assert not fits("IR", tuple("12S34567"))


def test_a_lane_may_say_who_comes() -> None:
    """AB-123-CD is Georgian or Slovak: where the net does not know, the lane's own traffic tells."""
    signs = net_signs(tuple("AB123CD"))
    assert decode(signs, net_states(), {"GE": 9, "SK": 1}).state == "GE"
    assert decode(signs, net_states(), {"GE": 1, "SK": 9}).state == "SK"
    assert decode(signs, net_states("SK", 0.99), {"GE": 9, "SK": 1}).state == "SK"
    assert BORDER.sum() == pytest.approx(1)


probabilities = st.floats(0.02, 0.97)


@given(
    st.lists(st.tuples(st.sampled_from(SIGNS[1:]), probabilities, st.sampled_from(SIGNS[1:])), max_size=14),
    st.sampled_from(STATES),
)
def test_doubts_add_up(cells: list[tuple[str, float, str]], state: str) -> None:
    """Whatever a net says: probabilities are probabilities, alternatives are others, in their order."""
    options = [{other: (1 - share) / 2, sign: share} for sign, share, other in cells]
    read = decode(net_signs(options), net_states(state, 0.5))
    assert read.mark not in read.alternatives
    assert len(set(read.alternatives)) == len(read.alternatives)
    assert len(read.characters) == len(read.mark)
    assert all(0 <= one <= 1 for one in read.characters)
    shares = [share for _, share in read.likely]
    assert shares == sorted(shares, reverse=True)
    assert sum(shares) <= 1 + 1e-6
    assert all(0 <= share <= 1 for share in shares)
    # A mark as a whole is no surer than any one of its characters.
    assert read.confidence <= min(read.characters, default=1.0) + 1e-6


@given(st.integers(0, 6), probabilities, probabilities)
def test_surer_signs_make_surer_marks(place: int, one: float, other: float) -> None:
    """The same mark with one character less sure is less sure."""
    low, high = sorted((one, other))
    mark = "10AA019"
    reads = []
    for share in (low, high):
        cell = {mark[place]: share, "X": 0.98 - share}
        reads.append(decode(net_signs([*mark[:place], cell, *mark[place + 1 :]]), net_states("AZ")))
    shares = [dict(read.likely).get("10AA019", 0.0) for read in reads]
    assert shares[0] <= shares[1] + 1e-9


def test_nothing_seen_is_no_mark() -> None:
    """A strip of blanks says nothing, and one of noise nothing sure."""
    assert decode(net_signs(()), net_states()).mark == ""
    noise = np.random.default_rng(1).normal(size=(96, len(SIGNS)))
    read = decode((noise - np.log(np.exp(noise).sum(axis=1, keepdims=True))).astype(np.float32), net_states())
    assert read.confidence < 0.5


def test_slots_count_every_alignment() -> None:
    """What a slot says of a sign is CTC's own sum over all alignments, blanks around it included."""
    rng = np.random.default_rng(2)
    table = rng.uniform(0.001, 0.004, size=(7, len(SIGNS)))
    table[:, 0] = rng.uniform(0.5, 1, size=7)
    seven, ace = SIGNS.index("7"), SIGNS.index("A")
    table[2:5, seven], table[2:5, ace] = (0.6, 2.0, 0.4), (0.2, 0.7, 0.3)
    signs = np.log(table / table.sum(axis=1, keepdims=True)).astype(np.float32)
    lattice = find_slots(signs)
    assert lattice.slots == 1
    for number in (seven, ace):
        paths = [
            sum(float(signs[step, number if first <= step < last else 0]) for step in range(7))
            for first, last in itertools.combinations(range(8), 2)
        ]
        assert lattice.signs[0, number] == pytest.approx(np.logaddexp.reduce(paths), abs=1e-4)
    assert lattice.signs[0, 0] == pytest.approx(float(signs[:, 0].sum()), abs=1e-4)


def test_slots_of_unlike_lengths_do_not_hear_each_other() -> None:
    """A narrow slot beside a wide one is worth what its own steps say, no more."""
    table = np.full((24, len(SIGNS)), 0.0001)
    table[:, 0] = 0.95
    seven, ace = SIGNS.index("7"), SIGNS.index("A")
    table[2, [0, seven]] = 0.1, 0.9
    table[6:13, ace], table[6:13, 0] = 0.8, 0.1
    signs = np.log(table / table.sum(axis=1, keepdims=True)).astype(np.float32)
    lattice = find_slots(signs)
    assert lattice.slots == 2
    # Each slot's steps end in the middle between both runs, or five beyond its own.
    for slot, (start, end), number in ((0, (0, 4), seven), (1, (4, 18), ace)):
        paths = [
            sum(float(signs[step, number if first <= step < last else 0]) for step in range(start, end))
            for first, last in itertools.combinations(range(start, end + 1), 2)
        ]
        assert lattice.signs[slot, number] == pytest.approx(np.logaddexp.reduce(paths), abs=1e-4)


def _shape(kinds: str | tuple[str, ...]) -> str:
    """Where digits stand and where letters, Latin or Persian."""
    return "".join(
        "P" if kind in f"P{PERSIAN_DIGITS}" else "K" if kind == "K" or kind in PERSIAN_LETTERS
        else "D" if kind in f"Dabc{DIGITS}" else "L"
        for kind in kinds
    )  # fmt: skip


def test_every_plate_that_training_draws_has_a_form_of_its_state() -> None:
    """The grammar and the drawing of plates agree on how states write: neither knows a form alone."""
    rng = np.random.default_rng(5)
    known = {(form.state, _shape(form.form)) for form in FORMS}
    drawn = set()
    for look in (*states_border.LOOKS, *states_europe.LOOKS, *states_americas.LOOKS):
        for _ in range(4):
            signs = tuple(piece.sign for row in draw_rows(look, rng) for piece in row if piece.kind == "sign")
            # As signs, K and P are letters; only in forms do they stand for others.
            drawn.add((look.state, "".join("L" if sign in "KPD" else _shape((sign,)) for sign in signs)))
    assert len(drawn) > 100
    assert not drawn - known
