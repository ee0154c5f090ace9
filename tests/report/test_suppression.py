"""Small counts stay untold, also to a reader who adds up, takes away, and knows the rule."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.report.suppression import HIDDEN, LIMIT, SMALL, Cell, is_small, suppress, told

COLUMNS = st.lists(st.integers(0, 40), min_size=1, max_size=12)


def columns_of(total: int, cells: int) -> Iterator[tuple[int, ...]]:
    """Every column of so many cells with this sum."""
    for cuts in itertools.combinations_with_replacement(range(total + 1), cells - 1):
        edges = (0, *cuts, total)
        yield tuple(edges[index + 1] - edges[index] for index in range(cells))


def fits(column: Sequence[int], shown: Sequence[Cell]) -> bool:
    """Whether this column could be behind what is shown, for a reader who takes the signs at their word."""
    if set(shown) == {HIDDEN}:
        return True
    return all(
        count == cell if isinstance(cell, int) else is_small(count) if cell == SMALL else count >= LIMIT
        for count, cell in zip(column, shown, strict=True)
    )


@pytest.mark.parametrize(("cells", "highest"), [(2, 40), (3, 26), (4, 20)])
def test_no_small_count_is_recovered_from_its_sum(cells: int, highest: int) -> None:
    """Exhaustively: knowing the exact sum, each small count may be anything from 1 to 4."""
    for total in range(1, highest):
        every = list(columns_of(total, cells))
        for column in every:
            shown = suppress(column)
            if SMALL not in shown:
                continue
            behind = [other for other in every if fits(other, shown)]
            for index, cell in enumerate(shown):
                if cell == SMALL:
                    assert {other[index] for other in behind} == {1, 2, 3, 4}, (column, shown)


@pytest.mark.parametrize(("cells", "highest"), [(2, 40), (3, 26), (4, 20)])
def test_nor_by_somebody_who_knows_the_rule(cells: int, highest: int) -> None:
    """Exhaustively: of all columns that this rule shows alike, no small count is the same in all."""
    for total in range(1, highest):
        alike: dict[tuple[Cell, ...], list[tuple[int, ...]]] = defaultdict(list)
        for column in columns_of(total, cells):
            alike[suppress(column)].append(column)
        for shown, behind in alike.items():
            for index, cell in enumerate(shown):
                small = all(is_small(column[index]) for column in behind)
                if not isinstance(cell, int) and (small or cell == SMALL):
                    assert len({column[index] for column in behind}) > 1, (shown, behind)


@given(COLUMNS)
def test_what_is_told_is_true_and_never_small(column: list[int]) -> None:
    """A number that stands there is the count; a small one never does; five or more alone never hide."""
    shown = suppress(column)
    for count, cell in zip(column, shown, strict=True):
        if isinstance(cell, int):
            assert cell == count
            assert not is_small(cell)
        elif cell == SMALL:
            assert is_small(count)
    if not any(is_small(count) for count in column):
        assert list(shown) == column


@given(COLUMNS)
def test_one_small_count_is_never_kept_back_alone(column: list[int]) -> None:
    """It would be the sum without the others."""
    shown = suppress(column)
    kept_back = [cell for cell in shown if not isinstance(cell, int)]
    assert len(kept_back) != 1 or len(column) == 1


def test_counts_that_add_up_to_nothing() -> None:
    """Each is told, or not, by itself."""
    assert [told(count) for count in (0, 1, 4, 5, 99)] == [0, SMALL, SMALL, 5, 99]


def test_a_mutant_without_the_second_step_is_caught() -> None:
    """Hiding small counts alone lets the sum tell them: the exhaustive test sees that."""
    column = (30, 12, 3)
    naive = tuple(told(count) for count in column)
    behind = [other for other in columns_of(sum(column), 3) if fits(other, naive)]
    assert {other[2] for other in behind} == {3}
    assert {other[2] for other in columns_of(sum(column), 3) if fits(other, suppress(column))} == {1, 2, 3, 4}
