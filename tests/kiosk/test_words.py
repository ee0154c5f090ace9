"""Every language says everything."""

from __future__ import annotations

from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from jinja2 import Environment, nodes

from gate.kiosk.booth import HERE
from gate.kiosk.speech import LOCALES, load_tongues

LANGUAGES = ("az", "en", "ru", "tr", "ka", "fa")


def said_in_templates() -> set[str]:
    """Every text that a template says, found in its syntax tree."""
    texts = set()
    for path in sorted((HERE / "templates").glob("*.html")):
        tree = Environment(autoescape=True).parse(path.read_text("utf-8"))
        for call in tree.find_all(nodes.Call):
            if isinstance(call.node, nodes.Name) and call.node.name in ("say", "say_in"):
                text = call.args[-1]
                if path.name == "speech.html" or isinstance(text, nodes.Name):
                    continue
                assert isinstance(text, nodes.Const), f"{path.name}: only a plain text can be translated"
                texts.add(text.value)
    return texts


def test_every_language_is_offered_in_its_own_name() -> None:
    """The six of the corridor, Persian from the right."""
    tongues = load_tongues()
    assert tuple(tongues) == LANGUAGES
    assert [code for code, tongue in tongues.items() if tongue.direction == "rtl"] == ["fa"]
    assert sorted(path.name for path in LOCALES.iterdir()) == sorted(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_missing(language: str) -> None:
    """Each catalogue has exactly what the templates say: translated, not marked as doubtful."""
    path = LOCALES / language / "LC_MESSAGES" / "kiosk.po"
    with path.open("rb") as source:
        catalogue = read_po(source, locale=language, abort_invalid=True)
    entries = {message.id: message for message in catalogue if message.id}
    assert set(entries) == said_in_templates()
    tongue = load_tongues()[language]
    for text, message in entries.items():
        assert message.string, f"{language}: {text!r} is not translated"
        assert not message.fuzzy, f"{language}: {text!r} is doubtful"
        assert tongue.say(str(text)) == message.string
        if language != "en":
            assert message.string != text, f"{language}: {text!r} is still English"


def test_no_compiled_catalogue_is_kept() -> None:
    """The text that translators edit is the only copy."""
    assert list(Path(LOCALES).rglob("*.mo")) == []
