"""The proof is worth what it can see: leaks are planted, and each must be found where it leaks."""

from __future__ import annotations

import pytest

from tests.secrecy import plants
from tests.secrecy.border import Border
from tests.secrecy.day import Day, live
from tests.secrecy.emissions import Emissions, differences, must_be_alike
from tests.secrecy.fates import GREEN, RED


@pytest.fixture(scope="module")
def honest(checkpoint: Border) -> Emissions:
    """A short day of a V for GREEN, with nothing planted."""
    return live(checkpoint, GREEN, Day.an_hour)


def test_without_a_plant_the_short_day_tells_nothing(checkpoint: Border, honest: Emissions) -> None:
    """The control: what is found below was planted."""
    must_be_alike(honest, live(checkpoint, RED, Day.an_hour))


@pytest.mark.parametrize(
    ("plant", "channel"),
    [
        (plants.log_line, "log.jsonl"),
        (plants.metric_label, "figures"),
        (plants.file_name, "files"),
        (plants.sign_text, "serial approach-board"),
        (plants.etag, "http"),
        (plants.feed_order, "from central"),
        (plants.feed_size, "from central"),
        (plants.report_size, "to central"),
        (plants.broker_size, "mqtt commands"),
        (plants.kiosk_answer, "http"),
        (plants.more_work, "statements on cache.db"),
        (plants.later, "serial approach-board"),
        (plants.search_answer, "http"),
        (plants.stream, "stream"),
        (plants.journal_entry, "rows of journal.db visits"),
    ],
)
def test_a_planted_leak_is_found(
    checkpoint: Border, honest: Emissions, plant: plants.Plant, channel: str
) -> None:
    """By a difference on the very channel it leaks by."""
    leaky = live(checkpoint, RED, Day.an_hour, plant=plant)
    assert channel in {found.channel for found in differences(honest, leaky)}
