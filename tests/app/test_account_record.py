"""What happens to accounts goes into the journal, whoever did it and while whoever was away."""

from __future__ import annotations

import json
from pathlib import Path

from gate.app.account_record import AccountRecord
from gate.store.officers import Login, Officers, Role
from gate.store.store import open_store
from tests.console.conftest import HandClock
from tests.console.quick import QUICK
from tests.console.serving import PASSWORD
from tests.sealing.made import KEYS
from tests.store.kept import rows


async def test_what_happened_to_accounts_is_in_the_journal(tmp_path: Path) -> None:
    """Once each, in order; names of accounts stay in the chain, addresses only beside it."""
    clock = HandClock()
    officers = Officers(tmp_path / "officers.db", clock, hasher=QUICK)
    store = open_store(tmp_path, "boot1", lambda: None, KEYS.central_public)
    officers.add("Leyla Aliyeva", PASSWORD, Role.OFFICER, "root for farid")
    record = AccountRecord(officers, store.ledger)
    await record.carry()
    assert isinstance(officers.log_in("leyla aliyeva", PASSWORD, "10.0.0.5"), Login)
    for _ in range(4):
        officers.log_in("my pass phrase", "x", "10.0.0.66")
    await record.carry()
    await record.carry()
    store.close()
    found = rows(tmp_path / "journal.db", "SELECT point, kind, body FROM journal ORDER BY seq")
    assert {(point, kind) for point, kind, _ in found} == {("console", "Account")}
    told = [json.loads(str(body)) for _, _, body in found]
    assert [(one["change"], one["account"], one["acted_by"]) for one in told] == [
        ("added-as-officer", "Leyla Aliyeva", "root for farid"),
        ("logged-in", "Leyla Aliyeva", "Leyla Aliyeva"),
        ("logins-refused", None, None),
    ]
    assert all("10.0.0" not in str(body) for _, _, body in found)
    beside = rows(tmp_path / "journal.db", "SELECT body FROM payloads ORDER BY seq")
    assert "10.0.0.66" in str(beside[-1])
    assert "pass phrase" not in str(found + beside)
    officers.close()


async def test_trouble_with_the_accounts_file_costs_no_lane(tmp_path: Path) -> None:
    """It is logged, once, and tried again."""
    clock = HandClock()
    officers = Officers(tmp_path / "officers.db", clock, hasher=QUICK)
    store = open_store(tmp_path, "boot1", lambda: None, KEYS.central_public)
    record = AccountRecord(officers, store.ledger)
    officers.close()
    await record.carry()
    await record.carry()
    store.close()
