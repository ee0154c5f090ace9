"""What boards say: total over kinds and languages, silent about corridors, in letters a board has."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from gate.cli.doctor.check import Verdict
from gate.cli.doctor.files import check_files
from gate.clock import SystemClock
from gate.config import SiteConfigError, load_site
from gate.lanes.commands import BoardMessage, MessageKind
from gate.lanes.signage import LANGUAGES, MAX_LINE, Arrow, Language, Wording, board_lines, sign
from gate.model import Corridor
from gate.settings import AlphaSerial, MqttBoard, NtcipBoard
from gate.settings.boards import CODE_PAGES
from hardware.catalogue import build_point_devices
from hardware.signboards.alpha_codec import fold
from hardware.signboards.multi import Font
from hardware.signboards.ntcip import NtcipSign

ARROWS = {Arrow.LEFT: 0x1B, Arrow.RIGHT: 0x1A, Arrow.AHEAD: 0x18}
ARROWED = Wording(arrow=Arrow.AHEAD, arrows={"2": Arrow.LEFT})
SECRET = Path("/run/credentials/gate.service/sign")

kinds = st.sampled_from(MessageKind)
lanes = st.none() | st.sampled_from(["1", "2", "H", "G"])
corridors = st.none() | st.sampled_from(Corridor)


def texts(tongue: Language) -> list[str]:
    """Every text of one language, longest lane label, no arrow."""
    wording = Wording((tongue,))
    told = [
        BoardMessage(kind, "9999", corridor)
        for kind in MessageKind
        for corridor in (Corridor if kind in (MessageKind.DIRECT, MessageKind.BLANK) else (None,))
    ]
    return [board_lines(message, wording)[0] for message in told]


@pytest.mark.parametrize("kind", MessageKind)
@pytest.mark.parametrize("tongue", LANGUAGES)
def test_every_kind_of_message_has_a_text_in_every_language(kind: MessageKind, tongue: Language) -> None:
    """To add a kind is to say it six times over in gate/lanes/signage: this fails until it is said."""
    line, other = board_lines(BoardMessage(kind, "2", Corridor.RED), Wording((tongue,)))
    assert line.strip(), f"{kind} says nothing in {tongue}"
    assert other == ""


@pytest.mark.parametrize("tongue", LANGUAGES)
def test_no_text_is_longer_than_the_boards_are_bought_for(tongue: Language) -> None:
    """With the longest label; an arrow and its space come on top."""
    assert max(map(len, texts(tongue))) <= MAX_LINE


@given(kinds, lanes, corridors, lanes, corridors)
def test_only_directions_and_a_lanes_own_board_tell_a_corridor(
    kind: MessageKind,
    lane: str | None,
    corridor: Corridor | None,
    other_lane: str | None,
    other_corridor: Corridor | None,
) -> None:
    """Rules 3.6: words, colour, arrow and length of any other message are the same whatever its cause."""
    one = sign(BoardMessage(kind, lane, corridor), ARROWED)
    other = sign(BoardMessage(kind, other_lane, other_corridor), ARROWED)
    if kind not in (MessageKind.DIRECT, MessageKind.BLANK):
        assert one == other
        assert one.corridor is None
        assert not set("".join(one.lines)) & set("←→↑")


@given(lanes, corridors)
def test_a_direction_without_lane_or_corridor_is_dark(lane: str | None, corridor: Corridor | None) -> None:
    """Half a direction is none: nobody is sent to lane "None"."""
    shown = sign(BoardMessage(MessageKind.DIRECT, lane, corridor), ARROWED)
    assert any(shown.lines) is (lane is not None and corridor is not None)
    assert (shown.corridor is None) is not any(shown.lines)


def test_the_arrow_stands_on_the_side_it_points_to() -> None:
    """Left before the words; right and ahead behind them; a lane's own arrow before the board's."""
    wording = Wording(("en",), Arrow.AHEAD, {"2": Arrow.LEFT, "3": Arrow.RIGHT, "4": None})
    shown = {
        lane: sign(BoardMessage(MessageKind.DIRECT, lane, Corridor.GREEN), wording).lines[0]
        for lane in "1234"
    }
    assert shown == {"1": "LANE 1 GREEN ↑", "2": "← LANE 2 GREEN", "3": "LANE 3 GREEN →", "4": "LANE 4 GREEN"}


@pytest.mark.parametrize("tongue", LANGUAGES)
@pytest.mark.parametrize("page", [*CODE_PAGES, "alpha"])
def test_settings_allow_what_a_board_can_show_and_nothing_else(tongue: Language, page: str) -> None:
    """The table in the settings agrees with the codecs: an allowed language has no "?" on the board."""
    letters = fold if page == "alpha" else Font(page, ARROWS).fold
    shown = "".join(letters(text) for text in texts(tongue))
    assert (refusal(page, tongue) is None) is ("?" not in shown), shown


def refusal(page: str, tongue: Language) -> str | None:
    """What the settings say against a language on a board of this code page, if anything."""
    try:
        if page == "alpha":
            AlphaSerial(driver="alpha-serial", port=Path("p"), languages=(tongue,))
        else:
            said = {"driver": "ntcip", "host": "sign", "community_file": SECRET, "languages": [tongue]}
            NtcipBoard.model_validate({**said, "code_page": page})
    except ValidationError as error:
        return str(error)
    return None


def test_a_board_on_the_broker_shows_every_language() -> None:
    """The topic contract is UTF-8."""
    for tongue in LANGUAGES:
        assert MqttBoard(driver="mqtt", languages=(tongue,)).wording.languages == (tongue,)


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ({"languages": []}, "at least 1"),
        ({"languages": ["az", "en", "tr"]}, "at most 2"),
        ({"languages": ["az", "az"]}, "name each language once"),
        ({"languages": ["de"]}, "'az', 'en'"),
        ({"arrow": "back"}, "'left', 'right'"),
        ({"arrows": {"12345": "left"}}, "at most 4"),
        ({"community_file": None}, "name either user and auth_file"),
        ({"user": "gate"}, "both user and auth_file"),
        ({"user": "gate", "auth_file": SECRET}, "name either"),
        ({"privacy_file": SECRET}, "SNMPv1 cannot encrypt"),
        ({"community": "public"}, "Extra inputs"),
        ({"priority": 256}, "less than or equal to 255"),
        ({"arrow_glyphs": {"left": 24}}, "two arrows of one glyph"),
    ],
)
def test_what_would_mislead_or_leak_is_refused(said: dict[str, object], wrong: str) -> None:
    """Each with a sentence that says what to write instead; a community itself is no setting."""
    with pytest.raises(ValidationError, match=wrong):
        NtcipBoard.model_validate({"driver": "ntcip", "host": "sign", "community_file": SECRET, **said})


SITE = """
site: samur
mode: demo
data: {data}
keys: {{site_private: site.key, central_public: central.pub}}
console: {{host: 127.0.0.1, port: 8441}}
kiosk: {{host: 127.0.0.1, port: 8442}}
policy: {{version: "1"}}
points:
  - name: exit-1
    label: X
    kind: exit
    io: {{driver: modbus-rtu, port: dev/io}}
    board:
      driver: ntcip
      host: 127.0.0.1
      {secret}
      languages: [{languages}]
"""


async def test_a_site_may_have_a_road_sign(tmp_path: Path) -> None:
    """YAML to driver; and doctor looks at the sign's secret: a file open to others fails."""
    secret = tmp_path / "community"
    secret.write_text("sign-word")
    secret.chmod(0o644)
    file = tmp_path / "site.yaml"
    file.write_text(SITE.format(data=tmp_path, secret=f"community_file: {secret}", languages="az, en"))
    settings = load_site(file)
    devices = build_point_devices(settings, settings.points[0], None, SystemClock())
    assert isinstance(devices.board, NtcipSign)
    (told,) = [check for check in check_files(settings) if check.name == "exit-1 board"]
    assert told.verdict is Verdict.FAIL
    assert "chmod 600" in told.advice


def test_a_language_the_sign_cannot_show_is_told_with_its_line(tmp_path: Path) -> None:
    """People see what is wrong, where, and what the sign can show."""
    file = tmp_path / "site.yaml"
    file.write_text(SITE.format(data=tmp_path, secret="community_file: c", languages="az, ka"))
    with pytest.raises(SiteConfigError) as refused:
        load_site(file)
    assert "cannot show ka: only az, en, tr" in str(refused.value)
