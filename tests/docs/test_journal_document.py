"""docs/journal.md: its commands and its program, run on a record that central countersigned."""

from __future__ import annotations

import asyncio
import shlex
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from gate.sealing.keys import load_signing_private, make_signing_keys
from gate.sync import HeadPusher
from tests.docs.reading import ROOT, blocks, commands
from tests.store.kept import a_store
from tests.store.recorded import MinuteClock, append, heads_of, opened
from tests.sync.fakes import TestClock
from tests.sync.loopback import SITE, running

DOCUMENT = ROOT / "docs/journal.md"


@pytest.fixture(scope="module")
def audit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with all the auditor needs."""
    folder = tmp_path_factory.mktemp("audit")
    asyncio.run(_write(folder))
    return folder


async def _write(folder: Path) -> None:
    make_signing_keys(folder / "signing.key", folder / "signing.pub")
    key = load_signing_private(folder / "signing.key")
    async with running(folder) as here:
        await here.central.register_signing_key(SITE, key.public_key())
        link = here.transport()
        with a_store(folder / "site") as store:
            heads = heads_of(store, key, MinuteClock())
            pusher = HeadPusher(
                site=SITE, heads=heads, transport=link, central_key=here.key, clock=TestClock()
            )
            for number in range(1, 41):
                await append(store, number)
                if number % 7 == 0 or number == 40:
                    assert await heads.sign()
            await pusher.push_once()
        await link.aclose()
    (folder / "central.pub").write_bytes((folder / "central/central.pub").read_bytes())


def test_the_auditors_commands_do_as_shown(audit: Path) -> None:
    """Central's list, then the whole check: what is shown under it is printed."""
    for shown in commands(DOCUMENT):
        program, *words = shlex.split(shown.command)
        target = words.pop() if ">" in words else None
        words = [word for word in words if word != ">"]
        here = Path(sys.executable).parent / Path(program).name
        done = subprocess.run([here, *words], cwd=audit, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        if target is not None:
            (audit / target).write_text(done.stdout)
        assert set(shown.output) <= {line.strip() for line in done.stdout.splitlines()}


def _by_hand(path: Path) -> subprocess.CompletedProcess[str]:
    (program,) = [content for language, content in blocks(DOCUMENT) if language == "python"]
    return subprocess.run(
        [sys.executable, "-I", "-c", program, path], capture_output=True, text=True, check=False
    )


def test_the_program_in_the_document_comes_to_the_same(audit: Path) -> None:
    """Standard library alone: the head it prints is the journal's, and a tampered entry is named."""
    with closing(sqlite3.connect(audit / "site/journal.db")) as connection:
        (digest,) = connection.execute("SELECT hex(hash) FROM journal ORDER BY seq DESC LIMIT 1").fetchone()
    done = _by_hand(audit / "site/journal.db")
    assert done.stdout.strip() == f"40 entries hold, head {digest.lower()}"
    for deed, said in (
        ("UPDATE payloads SET body = '{}' WHERE seq = 12", "the payload of entry 12"),
        ("UPDATE journal SET visit = NULL WHERE seq = 9", "entry 9 is not"),
    ):
        with closing(opened(audit / "site/journal.db")) as connection:
            connection.execute("BEGIN")
            connection.execute(deed)
            connection.execute("COMMIT")
        done = _by_hand(audit / "site/journal.db")
        assert (done.returncode, said in done.stderr) == (1, True)
