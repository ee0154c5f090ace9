"""Information boards (Rules 9.2)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator

from gate.lanes.signage import LANGUAGES, Arrow, Language, Wording
from gate.settings.types import Baud, Port, Section, Text

Pointing = Literal["left", "right", "ahead", "none"]
CodePage = Literal["ascii", "iso8859-9", "cp1251"]

_LATIN: tuple[Language, ...] = ("az", "en", "tr")
CODE_PAGES: Mapping[CodePage, tuple[Language, ...]] = {
    "ascii": _LATIN,
    "iso8859-9": _LATIN,
    "cp1251": (*_LATIN, "ru"),
}
"""Which languages a sign's font can show: Latin letters may lose marks, other scripts need their own."""


class _Board(Section):
    """What every board is told: its languages and its arrows."""

    languages: tuple[Language, ...] = Field(default=("az", "en"), min_length=1, max_length=2)
    """One a line."""
    arrow: Pointing = Field(default="none", description="beside a direction to a lane `arrows` does not name")
    arrows: dict[Annotated[str, Field(min_length=1, max_length=4)], Pointing] = Field(
        default_factory=dict, description="which way each lane lies, by its label"
    )

    @field_validator("languages")
    @classmethod
    def _said_once(cls, value: tuple[Language, ...]) -> tuple[Language, ...]:
        if len(set(value)) < len(value):
            raise ValueError("a board with two lines of one language wastes one: name each language once")
        return value

    @property
    def wording(self) -> Wording:
        """As the texts are made from."""
        return Wording(
            self.languages,
            _arrow(self.arrow),
            {lane: _arrow(pointing) for lane, pointing in self.arrows.items()},
        )


class AlphaSerial(_Board):
    """A board speaking the Alpha sign protocol on a serial line."""

    driver: Literal["alpha-serial"]
    port: Path
    baud: Baud = 9600

    @field_validator("languages")
    @classmethod
    def _letters_fit(cls, value: tuple[Language, ...]) -> tuple[Language, ...]:
        return _showable(value, "an Alpha sign's character set", _LATIN)


class MqttBoard(_Board):
    """A board on the site's broker, by the topic contract: its texts are UTF-8, in any language."""

    driver: Literal["mqtt"]


class ArrowGlyphs(Section):
    """Which characters of the sign's font are its arrows; the defaults are code page 437's."""

    left: int = Field(default=0x1B, ge=1, le=0xFFFF)
    right: int = Field(default=0x1A, ge=1, le=0xFFFF)
    ahead: int = Field(default=0x18, ge=1, le=0xFFFF, validate_default=True)

    @field_validator("ahead")
    @classmethod
    def _arrows_differ(cls, value: int, info: ValidationInfo) -> int:
        if len({value, *info.data.values()}) <= len(info.data):
            raise ValueError("two arrows of one glyph would send vehicles the wrong way")
        return value


class NtcipBoard(_Board):
    """A road sign speaking NTCIP 1203 over SNMP: version 3 with `user`, version 1 with `community_file`."""

    driver: Literal["ntcip"]
    host: Text
    port: Port = 161
    user: Annotated[str, Field(min_length=1, max_length=32)] | None = None
    auth: Literal["sha1", "sha256", "sha512"] = "sha256"
    auth_file: Path | None = Field(default=None, validate_default=True)
    privacy_file: Path | None = Field(default=None, validate_default=True)
    community_file: Path | None = Field(default=None, validate_default=True)
    priority: int = Field(default=255, ge=1, le=255, description="above those of other centres")
    code_page: CodePage = Field(default="ascii", validate_default=True)
    colours: bool = True
    """False for a sign of one colour: the corridor is then in words alone."""
    arrow_glyphs: ArrowGlyphs = ArrowGlyphs()

    @field_validator("auth_file")
    @classmethod
    def _user_proves_itself(cls, value: Path | None, info: ValidationInfo) -> Path | None:
        if "user" in info.data and (info.data["user"] is None) != (value is None):
            raise ValueError("SNMPv3 needs both user and auth_file, the file with its passphrase")
        return value

    @field_validator("privacy_file")
    @classmethod
    def _privacy_has_a_user(cls, value: Path | None, info: ValidationInfo) -> Path | None:
        if value is not None and info.data.get("user", "") is None:
            raise ValueError("privacy_file needs user and auth_file: SNMPv1 cannot encrypt")
        return value

    @field_validator("community_file")
    @classmethod
    def _one_way_in(cls, value: Path | None, info: ValidationInfo) -> Path | None:
        if "user" in info.data and (info.data["user"] is None) == (value is None):
            raise ValueError("name either user and auth_file (SNMPv3) or community_file (SNMPv1)")
        return value

    @field_validator("code_page")
    @classmethod
    def _letters_fit(cls, value: CodePage, info: ValidationInfo) -> CodePage:
        _showable(info.data.get("languages", ()), f"code page {value}", CODE_PAGES[value])
        return value


Board = Annotated[AlphaSerial | MqttBoard | NtcipBoard, Field(discriminator="driver")]


def _showable(wanted: tuple[Language, ...], what: str, shown: tuple[Language, ...]) -> tuple[Language, ...]:
    lacking = [tongue for tongue in LANGUAGES if tongue in wanted and tongue not in shown]
    if lacking:
        raise ValueError(f"{what} cannot show {', '.join(lacking)}: only {', '.join(shown)}")
    return wanted


def _arrow(pointing: Pointing) -> Arrow | None:
    return None if pointing == "none" else Arrow(pointing)
