"""`gate journal export-crossings` and `check-crossings`, from a journal to a neighbour's desk."""

from __future__ import annotations

import base64
import json
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.cli.calling import gate
from tests.store.kept import a_store
from tests.store.recorded import MinuteClock
from tests.store.test_exchange import Border, a_day


def public(folder: Path, name: str, key: Ed25519PrivateKey) -> Path:
    """The public key in a file, as sites keep them."""
    file = folder / name
    file.write_text(base64.b64encode(key.public_key().public_bytes_raw()).decode() + "\n")
    return file


async def test_from_the_journal_to_the_neighbour(tmp_path: Path) -> None:
    """Written with exit 0, checked alone with exit 0; one changed character is exit 1 and named."""
    site, central = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    with a_store(tmp_path) as store:
        await a_day(Border(store, tmp_path / "journal.db", site, central, MinuteClock()))
    file = tmp_path / "crossings.json"
    days = ("--from", "2026-05-04", "--to", "2026-05-04")
    written = await gate("journal", "export-crossings", tmp_path / "journal.db", *days, "--out", file)
    assert (written.code, written.out, written.err) == (0, f"{file}: 3 crossings\n", "")
    keys = ("--site-key", public(tmp_path, "site.pub", site))
    both = (*keys, "--central-key", public(tmp_path, "central.pub", central))
    checked = await gate("journal", "check-crossings", file, *both)
    assert (checked.code, checked.err) == (0, "")
    assert checked.out == (
        f"{file}: 3 crossings of samur, all signed; 2 countersigned, 0 without the plate, erased since\n"
    )
    file.write_text(file.read_text().replace('"direction": "exit"', '"direction": "entry"'))
    found = await gate("journal", "check-crossings", file, *keys, "--json")
    assert (found.code, found.told["ok"], found.told["crossings"]) == (1, False, 3)
    assert "what it says here is not what the record says" in found.told["problems"][0]


async def test_wrong_usage_and_no_journal(tmp_path: Path) -> None:
    """Days in the wrong order are exit 2; what is no journal, or no such file, is exit 1 with its name."""
    missing = tmp_path / "journal.db"
    out = ("--out", tmp_path / "c.json")
    order = await gate(
        "journal", "export-crossings", missing, "--from", "2026-05-05", "--to", "2026-05-04", *out
    )
    assert order.code == 2
    none = await gate(
        "journal", "export-crossings", missing, "--from", "2026-05-04", "--to", "2026-05-04", *out
    )
    assert none.code == 1
    assert f"{missing} does not exist" in none.err
    (tmp_path / "c.json").write_text(json.dumps({"format": "another"}))
    key = public(tmp_path, "site.pub", Ed25519PrivateKey.generate())
    file = await gate("journal", "check-crossings", tmp_path / "c.json", "--site-key", key)
    assert file.code == 1
    assert "no file of crossings" in file.err
