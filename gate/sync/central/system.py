"""The reference central as one object: what its HTTP face and its operator may ask of it."""

from __future__ import annotations

import random
from datetime import datetime
from pathlib import Path

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from pydantic import JsonValue, TypeAdapter, ValidationError

from gate.clock import Clock
from gate.errors import ConfigError
from gate.sealing import load_central_private, make_central_keys
from gate.sync.central.access import Caller, find_caller, issue_token
from gate.sync.central.corridors import RiskGroup
from gate.sync.central.database import Database
from gate.sync.central.events import read_events, store_events
from gate.sync.central.filing import FilingContext, read_filing
from gate.sync.central.heads import countersign_heads, set_signing_key
from gate.sync.central.importers import Importer, decide_group
from gate.sync.central.policy import CentralPolicy
from gate.sync.central.publication import Publisher, read_feed
from gate.sync.central.refusals import RefusalError
from gate.sync.central.registration import Registered, Registrar
from gate.sync.wire import EventBatch, HeadBatch, HeadsCountersigned, Site

log = structlog.get_logger()


class Central:
    """Everything one data folder holds. Make it with `open_central`."""

    def __init__(
        self,
        *,
        data: Path,
        database: Database,
        registrar: Registrar,
        signing: Ed25519PrivateKey,
        clock: Clock,
        trust_received_at: bool,
    ) -> None:
        self._data = data
        self._database = database
        self._registrar = registrar
        self._signing = signing
        self._clock = clock
        self._trust_received_at = trust_received_at
        self._sites: frozenset[str] = frozenset()

    async def start(self) -> None:
        """Issue the tokens that do not exist yet and learn the sites registered before."""
        folder = self._data / "tokens"
        await self._database.run(lambda connection: issue_token(connection, folder, "trader"))
        await self._database.run(lambda connection: issue_token(connection, folder, "admin"))
        again = await self._database.run(self._registrar.publisher.publish_missing)
        if again:
            log.warning("central.published_again", declarations=again, why="the feed held no signed row")
        await self._learn_sites()

    async def close(self) -> None:
        """Close the database."""
        await self._database.close()

    async def register_site(self, name: str, public_key: X25519PublicKey) -> None:
        """Take a checkpoint in, or note its new key: then its active declarations are sealed anew.

        A first registration writes its token to `tokens/site-NAME` in the data folder.
        """
        try:
            TypeAdapter(Site).validate_python(name)
        except ValidationError as error:
            raise ConfigError(
                f"site {name!r}: a site's name has lower-case letters, digits and dashes, at most 32"
            ) from error
        raw = public_key.public_bytes_raw()
        row = await self._database.run(
            lambda c: c.execute("SELECT public_key FROM sites WHERE site = ?", (name,)).fetchone()
        )
        if row is None or row["public_key"] != raw:
            await self._database.run(
                lambda c: c.execute(
                    "INSERT INTO sites (site, public_key) VALUES (?, ?) "
                    "ON CONFLICT (site) DO UPDATE SET public_key = excluded.public_key",
                    (name, raw),
                )
            )
        folder = self._data / "tokens"
        await self._database.run(lambda connection: issue_token(connection, folder, "site", name))
        if row is not None and row["public_key"] != raw:
            publisher = self._registrar.publisher
            again = await self._database.run(lambda c: publisher.publish_again(c, name))
            log.warning("central.site_key_changed", site=name, declarations_sealed_anew=again)
        await self._learn_sites()

    async def register_signing_key(self, name: str, key: Ed25519PublicKey) -> None:
        """Note the key a registered checkpoint signs its journal's heads with, or its new one."""
        raw = key.public_bytes_raw()
        if await self._database.run(lambda c: set_signing_key(c, name, raw)):
            log.warning("central.site_signing_key_changed", site=name)

    async def caller(self, token: str) -> Caller:
        """Whose token this is; RefusalError when nobody's."""
        return await self._database.run(lambda connection: find_caller(connection, token))

    async def file(self, body: bytes) -> Registered:
        """Register the declaration in `body` (3.3); RefusalError when it is refused."""
        now = self._now()
        filing = read_filing(body, self._context(now))
        return await self._database.run(lambda c: self._registrar.register(c, filing, now))

    async def amend(self, number: str, body: bytes) -> Registered:
        """Replace declaration `number` by the one in `body`, as a new version."""
        now = self._now()
        filing = read_filing(body, self._context(now))
        return await self._database.run(lambda c: self._registrar.amend(c, number, filing, now))

    async def withdraw(self, number: str) -> Registered:
        """Withdraw declaration `number`."""
        now = self._now()
        return await self._database.run(lambda c: self._registrar.withdraw(c, number, now))

    async def decide_group(self, importer: str, group: RiskGroup, reason: str) -> Importer:
        """Put an importer into a risk group, for a reason (6.9)."""
        now, policy = self._now(), self._registrar.policy
        return await self._database.run(lambda c: decide_group(c, importer, group, reason, policy, now))

    async def feed(self, site: str, after: int, limit: int) -> dict[str, JsonValue]:
        """One page of a site's feed."""
        return await self._database.run(lambda c: read_feed(c, site, after, limit))

    async def keep_events(self, batch: EventBatch) -> int:
        """Keep a batch of events; the high-water mark of their journal."""
        now = self._now()
        return await self._database.run(lambda c: store_events(c, batch, now))

    async def events(self, site: str, after: int, limit: int) -> dict[str, JsonValue]:
        """Events of a site, in the order they were received."""
        return await self._database.run(lambda c: read_events(c, site, after, limit))

    async def countersign(self, batch: HeadBatch) -> HeadsCountersigned:
        """Keep and countersign heads of a site's journal; RefusalError when one goes back or forks."""
        now = self._now()
        outcome = await self._database.run(lambda c: countersign_heads(c, batch, self._signing, now))
        if isinstance(outcome, RefusalError):
            raise outcome  # after the commit: what was wrong is on record
        return outcome

    async def check(self) -> None:
        """Raise when the database does not answer."""
        await self._database.run(lambda connection: connection.execute("SELECT 1").fetchone())

    def now_text(self) -> str:
        """Central's time, as its answers to checkpoints carry it."""
        return self._now().isoformat()

    def knows_site(self, name: str) -> bool:
        """Whether a checkpoint of this name is registered."""
        return name in self._sites

    async def _learn_sites(self) -> None:
        rows = await self._database.run(lambda c: c.execute("SELECT site FROM sites").fetchall())
        self._sites = frozenset(row["site"] for row in rows)

    def _now(self) -> datetime:
        return self._clock.now().utc

    def _context(self, now: datetime) -> FilingContext:
        policy = self._registrar.policy
        return FilingContext(self._sites, now, self._trust_received_at, policy.oldest_relayed)


async def open_central(
    data: Path,
    *,
    clock: Clock,
    rng: random.Random,
    policy: CentralPolicy | None = None,
    trust_received_at: bool = False,
) -> Central:
    """The central system of the folder `data`, made there on first use.

    The folder then holds central.db, central.key (0600), central.pub for the sites, and tokens/.
    """
    private = data / "central.key"
    if not private.exists():
        make_central_keys(private, data / "central.pub")
    policy = policy or CentralPolicy()
    signing = load_central_private(private)
    publisher = Publisher(policy, signing)
    database = Database(data / "central.db")
    await database.open()
    central = Central(
        data=data,
        database=database,
        registrar=Registrar(policy, rng, publisher),
        signing=signing,
        clock=clock,
        trust_received_at=trust_received_at,
    )
    await central.start()
    return central
