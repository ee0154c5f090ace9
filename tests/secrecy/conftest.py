"""What all runs of the day share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.secrecy.border import Border, border


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Border]:
    """Ports, keys, accounts and a broker."""
    with border(tmp_path_factory.mktemp("border")) as made:
        yield made
