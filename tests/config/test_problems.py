"""Each mistake is told with its line, its key, what is wrong and what is allowed; all at once."""

from __future__ import annotations

import string
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gate.config import Problem, SiteConfigError, load_site

DEMO = (Path(__file__).parents[2] / "config/demo.yaml").read_text()


def problems_of(folder: Path, text: str | bytes) -> tuple[Problem, ...]:
    """What load_site says about a file of this text."""
    file = folder / "site.yaml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(SiteConfigError) as refused:
        load_site(file)
    return refused.value.problems


def line_of(text: str, part: str) -> int:
    """The line a part of the text stands on, from 1."""
    return text[: text.index(part)].count("\n") + 1


# (what of the demo site is replaced, by what, the part whose line is named, key, what, allowed)
ONE_MISTAKE = [
    ("site: samur", "site: Samur", "site: Samur", "site", "'Samur'", "lower-case"),
    ("port: 8445", "port: 99999", "port: 99999", "mqtt.port", "99999", "a whole number from 1 to 65535"),
    ("port: 8445", "prot: 8445", "prot: 8445", "mqtt.prot", "did you mean port?", "host, port, username"),
    ("engine: gate", "engine: tesseract", "engine: t", "anpr.engine", "'tesseract'", "gate, ppocr, easyocr"),
    ("threads: 1", "threads: 0", "threads: 0", "anpr.threads", "0", "a whole number from 1 to 16"),
    ("read: 8", "read: .inf", "read: .inf", "timing.read", "inf", "a number greater than 0"),
    ("road: 60", "raod: 60", "raod: 60", "policy.lead_time_minutes.raod", "did you mean road?", "baggage"),
    ("road: 60", "road: -1", "road: -1", "policy.lead_time_minutes.road", "-1", "at least 0"),
    ("version: demo-1", "version: 2026-03-01", "version: 2", "policy.version", "2026-03-01", "in quotes"),
    ('label: "1"', "label: 1", "label: 1", "points[1].label", "1 cannot", "in quotes"),
    ('label: "1"', 'label: "12345"', 'label: "12', "points[1].label", "'12345'", "of 1 to 4 characters"),
    ("kind: exit", "kind: exot", "kind: exot", "points[5].kind", "'exot'", "approach, entry, exit, terminal"),
    ("corridors: [RED]", "corridors: [RAD]", "[RAD]", "points[4].corridors[0]", "'RAD'", "GREEN, BLUE"),
    ("corridors: [RED]", "colour: [RED]", "name: lane-4", "points[4].corridors", "serves no corridor", ""),
    (
        "driver: modbus-rtu",
        "driver: modbus",
        "driver: modbus,",
        "points[0].io.driver",
        "drivers",
        "modbus-rtu",
    ),
    (
        "{driver: modbus-rtu, port",
        "{port",
        "{port: dev/approach-io",
        "points[0].io.driver",
        "missing",
        "mqtt",
    ),
    (
        "io: {driver: modbus-rtu, port",
        "io: {driver: modbus-rtu, prot",
        "prot:",
        "points[0].io.port",
        "missing",
        "",
    ),
    ('url: "http://127.0.0.1:8444/a', 'url: "rtsp://a', "rtsp", "points[0].camera.url", "rtsp", "http://"),
    ("token_file: keys/token", "", "central:", "central.token_file", "is missing", "a file path"),
    (
        "cache_max_age_seconds: 60",
        "version: 2",
        "version: 2",
        "policy.version",
        "twice, first on line",
        "",
    ),
    (
        "  kind: terminal\n    kiosk: true",
        "  kind: terminal",
        "name: hall-1",
        "points[6].kiosk",
        "needs kiosk",
        "",
    ),
    ("name: lane-4", "name: lane-3", "points:", "points", "points named twice: lane-3", ""),
    ('label: "4"', 'label: "3"', "points:", "points", "would send vehicles to lane-3 and lane-4", ""),
    ("holding_bay: H", 'holding_bay: "1"', "points:", "points", "to lane-1 and holding_bay", ""),
    ("corridors: [BLUE]", "corridors: [RED]", "points:", "points", "no lane serves BLUE", ""),
    ("dev/lane-1-board", "dev/lane-1-io", "points:", "points", "lane-1 io and lane-1 board share", ""),
]


@pytest.mark.parametrize(
    "mistake", ONE_MISTAKE, ids=lambda mistake: f"{mistake[3]}: {mistake[1].strip()[:20]}"
)
def test_one_mistake(tmp_path: Path, mistake: tuple[str, str, str, str, str, str]) -> None:
    """The mistake is found on its line, under its key, with what may stand there."""
    old, new, part, key, what, allowed = mistake
    assert old in DEMO
    text = DEMO.replace(old, new, 1)
    found = [problem for problem in problems_of(tmp_path, text) if problem.key == key]
    assert len(found) == 1
    assert found[0].line == line_of(text, part)
    assert what in found[0].what
    assert allowed in found[0].allowed
    assert str(found[0]).startswith(f"{tmp_path}/site.yaml:{found[0].line}: {key}: ")


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    """Mistakes of fields, devices, points and YAML itself do not hide one another."""
    text = DEMO
    for old, new in [
        ("port: 8445", "port: 0"),
        ("threads: 1", "treads: 1"),
        ("corridors: [GREEN]", "corridors: []"),
        ("driver: http-mjpeg", "driver: mjpeg"),
        ("holding_bay: H", "holding_bay: H\nholding_bay: I"),
        ("  version: demo-1\n", ""),
    ]:
        text = text.replace(old, new, 1)
    told = {problem.key for problem in problems_of(tmp_path, text)}
    assert told == {
        "mqtt.port",
        "anpr.treads",
        "points[1].corridors",
        "points[0].camera.driver",
        "holding_bay",
        "policy.version",
    }


def test_problems_come_in_the_order_of_the_file(tmp_path: Path) -> None:
    """People correct a file from the top."""
    text = DEMO.replace("threads: 1", "threads: x").replace("site: samur", "site: 5")
    lines = [problem.line for problem in problems_of(tmp_path, text)]
    assert lines == sorted(lines)
    assert len(lines) == 2


def test_missing_mqtt_section_is_told(tmp_path: Path) -> None:
    """Devices on the broker need a broker."""
    text = DEMO.replace("mqtt:\n  host: 127.0.0.1\n  port: 8445\n", "")
    assert "no mqtt: section" in problems_of(tmp_path, text)[0].what


def test_two_modbus_units_may_share_a_line(tmp_path: Path) -> None:
    """RS-485 carries several devices of different unit numbers."""
    text = DEMO.replace("port: dev/lane-3-io", "port: dev/lane-1-io, unit: 2")
    (tmp_path / "site.yaml").write_text(text)
    assert load_site(tmp_path / "site.yaml").site == "samur"


@pytest.mark.parametrize(
    ("content", "line", "what"),
    [
        (b"", 1, "is empty"),
        (b"- a list", 1, "is not a site configuration"),
        (b"site: [1", 1, "is not YAML"),
        (b"site: samur\n\tdata: x", 2, "is not YAML"),
        (b"site: samur\n---\nsite: two", 2, "is not YAML"),
        (b"site: *nowhere", 1, "is not YAML"),
        (b"site: 2026-99-99", 1, "is not YAML"),
        (b"site: !!python/object:os.system ls", 1, "is not YAML"),
        (b"[" * 5000, 1, "is not YAML"),
        (b"site: samur\ndata: \xff", 2, "is not UTF-8"),
        (b"#" * 1_000_001, 0, "too large"),
    ],
)
def test_a_file_that_is_no_yaml(tmp_path: Path, content: bytes, line: int, what: str) -> None:
    """A file that cannot be read at all is one problem with its line."""
    (problem,) = problems_of(tmp_path, content)
    assert problem.line == line
    assert what in problem.what


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """A wrong path is told like any other mistake."""
    with pytest.raises(SiteConfigError, match=r"site.yaml: cannot be read: No such file"):
        load_site(tmp_path / "site.yaml")


_quiet = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@_quiet
@given(st.binary(max_size=200) | st.text(string.printable, max_size=200).map(str.encode))
def test_no_bytes_break_the_reader(tmp_path: Path, content: bytes) -> None:
    """Whatever stands in the file, the answer is a list of problems."""
    assert problems_of(tmp_path, content)


@_quiet
@given(data=st.data())
def test_no_value_breaks_the_reader(tmp_path: Path, data: st.DataObject) -> None:
    """Any line of a good file with its value exchanged is accepted, or told with a line of the file."""
    lines = DEMO.splitlines()
    number = data.draw(
        st.sampled_from([n for n, line in enumerate(lines) if ": " in line and "#" not in line])
    )
    odd = st.sampled_from(
        ["", "[]", "{}", "null", "-1", "1e999", "true", "'x'", "&a [*a]", "2026-01-01", "{a: 1}"]
    )
    lines[number] = lines[number].split(": ", 1)[0] + ": " + data.draw(odd)
    file = tmp_path / "site.yaml"
    file.write_text("\n".join(lines))
    problems: tuple[Problem, ...] = ()
    try:
        load_site(file)
    except SiteConfigError as refused:
        problems = refused.problems
    assert all(0 < problem.line <= len(lines) and problem.what for problem in problems)


PRODUCTION = (Path(__file__).parents[2] / "config/production-example.yaml").read_text()
ALL_SAFETY = "io: {driver: mqtt, inputs: [arming, safety, photo-eye, fire, barrier-up, barrier-down]}"


def test_a_production_lane_declares_its_wiring(tmp_path: Path) -> None:
    """A barrier lane without `hard_wired` is refused at its own line, saying why and what to declare."""
    text = PRODUCTION.replace("    hard_wired: [safety]\n", "")
    found = problems_of(tmp_path, text)
    assert [problem.key for problem in found] == [f"points[{at}].hard_wired" for at in range(2, 7)]
    assert found[0].line == line_of(text, "- name: lane-1")
    assert "second line" in found[0].what
    assert "EN 12453" in found[0].what
    assert "hard_wired: [safety]" in found[0].what


def test_every_fitted_safety_input_is_declared(tmp_path: Path) -> None:
    """A photo-eye and a fire contact at the lane's io are asked for by name; the other loops are not."""
    at = PRODUCTION.index("  - name: exit-1")
    text = PRODUCTION[:at] + PRODUCTION[at:].replace("io: {driver: mqtt}", ALL_SAFETY, 1)
    (problem,) = problems_of(tmp_path, text)
    assert problem.key == "points[6].hard_wired"
    assert problem.line == line_of(text, ALL_SAFETY) + 1
    assert "declare photo-eye and fire as wired" in problem.what
    assert "hard_wired: [safety, photo-eye, fire]" in problem.what


def test_wiring_is_told_beside_other_mistakes_of_the_points(tmp_path: Path) -> None:
    """A label used twice does not hide a lane without its wiring."""
    text = PRODUCTION.replace("    hard_wired: [safety]\n", "", 1).replace('label: "3"', 'label: "4"')
    assert {problem.key for problem in problems_of(tmp_path, text)} == {"points", "points[2].hard_wired"}


def test_production_is_what_a_site_is_unless_it_says_demo(tmp_path: Path) -> None:
    """The demo file without its `mode: demo` is held to what a real checkpoint is held to."""
    found = problems_of(tmp_path, DEMO.replace("mode: demo\n", ""))
    unwired = {problem.key for problem in found} - {"timing"}
    assert len(found) == len(unwired) + 1, "half a second of clear is a demo's"
    assert unwired == {f"points[{at}].hard_wired" for at in (3, 4, 5)}, "lanes 1 and 2 declare theirs"


def test_wiring_is_of_barriers(tmp_path: Path) -> None:
    """An approach has no barrier: what it declares there is a mistake, and so is an input that is none."""
    text = DEMO.replace("    kiosk: true", "    kiosk: true\n    hard_wired: [safety]", 1)
    (problem,) = problems_of(tmp_path, text)
    assert "no barrier" in problem.what
    text = DEMO.replace("    corridors: [RED]", "    corridors: [RED]\n    hard_wired: [arming]", 1)
    (problem,) = problems_of(tmp_path, text)
    assert (problem.key, problem.allowed) == (
        "points[4].hard_wired[0]",
        "safety, photo-eye, emergency-stop, fire",
    )
