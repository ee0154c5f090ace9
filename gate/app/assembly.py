"""Settings to objects: every part of the daemon is made here, once, and handed to what needs it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import structlog
from fastapi import FastAPI
from starlette.types import ASGIApp

from gate.anpr.passage.merging import MergedReaders
from gate.anpr.process.supervisor import PlateReaders
from gate.anpr.push.app import create_push
from gate.app.account_record import AccountRecord
from gate.app.bench import bench_of
from gate.app.fingerprint import fingerprint
from gate.app.peers import serial_of
from gate.app.peripherals import Peripherals, build_peripherals, has_kiosk
from gate.app.sighted import SightingRecord
from gate.app.timekeeping import Timekeeper
from gate.certificates.faces import Faces
from gate.clock import Clock
from gate.clock_trust import ClockTrust
from gate.console.app import create_console
from gate.console.repairs.workshop import Workshop
from gate.glass import SafeHeaders
from gate.kernel_clock import KernelClock, LinuxClock
from gate.kiosk.app import create_kiosk
from gate.kiosk.booth import booth_in
from gate.kiosk.its_point import OnlyItsPoint
from gate.lanes.balancing import Balancer
from gate.lanes.calls import CallPolicy, CallWatch
from gate.lanes.checkpoint import LiveCheckpoint, who_stands
from gate.lanes.desk import Desk
from gate.lanes.diagram import MACHINES
from gate.lanes.events import DeviceFaulted, DeviceRecovered, DeviceRole, PlateSeen
from gate.lanes.holding import HoldingBay
from gate.lanes.hub import Hub, Queues
from gate.lanes.machine import Machine, Step
from gate.lanes.merging import Merge
from gate.lanes.places import HoldingPlaces, Place
from gate.lanes.runtime import PointRuntime, Surroundings
from gate.lanes.state import PointConfig
from gate.lanes.views import SystemView
from gate.model import PlateRead
from gate.sealing.keys import load_central_public, load_signing_private, load_site_private
from gate.settings import PointSettings, SiteSettings
from gate.settings.policy import policy_from
from gate.store.archive import Archive
from gate.store.door import Door
from gate.store.heads import JournalHeads
from gate.store.officers import LoginLimits, Officers
from gate.store.retention import Keeper
from gate.store.store import Store, open_store
from gate.sync.feed import FeedPuller
from gate.sync.heads import HeadPusher
from gate.sync.outbox import OutboxPusher
from gate.sync.transports.catalogue import open_transport
from gate.sync.transports.port import Transport
from hardware.catalogue import build_point_devices
from hardware.links.mqtt import MqttLink

log = structlog.get_logger()


@dataclass(slots=True)
class Site:
    """One checkpoint's parts, made and wired, not yet running."""

    settings: SiteSettings
    clock: Clock
    store: Store
    officers: Officers
    accounts: AccountRecord
    mqtt: MqttLink | None
    readers: PlateReaders
    merged: MergedReaders
    sightings: SightingRecord
    points: dict[str, PointRuntime]
    transport: Transport | None
    puller: FeedPuller | None
    pusher: OutboxPusher | None
    heads: JournalHeads | None
    head_pusher: HeadPusher | None
    hub: Hub
    calls: CallWatch
    bay: HoldingBay
    checkpoint: LiveCheckpoint
    console: FastAPI
    kiosk: ASGIApp
    faces: Faces
    push: ASGIApp | None
    peripherals: Peripherals
    keeper: Keeper
    timekeeper: Timekeeper
    archive: Archive
    workshop: Workshop
    outbox_waiting: int = 0
    cache_cursor: int = 0
    cache_fetched_at: datetime | None = None


class Assembly:
    """Builds a Site. Raises StoreError or SealError for what the gate cannot direct anybody without."""

    def __init__(self, settings: SiteSettings, clock: Clock, kernel: KernelClock | None = None) -> None:
        self._settings = settings
        self._clock = clock
        self._trust = ClockTrust(clock, kernel or LinuxClock())
        self._started = clock.now().utc
        self._boot_id = secrets.token_hex(4)
        self._hub = Hub()
        self._queues = Queues()
        self._merges: dict[str, Merge] = {}
        self._places = HoldingPlaces(
            [Place(place.label, place.places) for place in settings.holding_bay],
            {point.name for point in settings.points if point.kind == "terminal"},
        )
        self._points: dict[str, PointRuntime] = {}
        self._pusher: OutboxPusher | None = None
        self._head_pusher: HeadPusher | None = None
        self._site: Site | None = None

    def build(self) -> Site:
        """Open what must be opened, make everything, wire it."""
        settings, clock = self._settings, self._clock
        private = load_site_private(settings.keys.site_private)
        central = load_central_public(settings.keys.central_public)
        store = open_store(
            settings.data, self._boot_id, self._wake_pusher, central, self._trust.offset, trust=self._trust
        )
        limits = LoginLimits(settings.logins.idle_minutes * 60, settings.logins.absolute_hours * 3600)
        officers = Officers(settings.data / "officers.db", clock, limits, site=settings.site)
        accounts = AccountRecord(officers, store.ledger)
        door = Door(settings.site, private, central, store.ledger, clock)
        balancer = Balancer(self._points, self._queues)
        desk = Desk(
            settings.site,
            policy_from(settings.policy),
            store.cache,
            door,
            store.ledger,
            clock,
            balancer.choose,
            settings.general_lane,
            self._places.choose,
            lambda: who_stands(self._points),
            balancer.on_foot,
            trust=self._trust,
        )
        mqtt = MqttLink(settings.mqtt, settings.site, clock) if settings.mqtt else None
        cameras = {point.name: point.camera for point in settings.points if point.camera}
        pushes = {point.name: point.push for point in settings.points if point.push}
        merged = MergedReaders(cameras, pushes, settings.anpr.give_up_seconds, clock, self._on_read)
        evidence = settings.data / "evidence"
        rears = {point.name: point.rear for point in settings.points if point.rear}
        by_motion = [name for name, camera in cameras.items() if camera.trigger == "motion"]
        sightings = SightingRecord(by_motion, store.ledger, clock, self._hub.change)
        readers = PlateReaders(
            settings.anpr,
            cameras,
            evidence,
            clock,
            merged.own_answered,
            self._on_camera,
            rears,
            settings.retention.floor_bytes,
            sightings.note,
        )
        merged.own = readers
        floor = settings.retention.floor_bytes
        push = create_push(pushes, merged, evidence, clock, floor) if pushes else None
        keeper = Keeper(settings.retention, evidence, store.thread, store.ledger, clock)
        for point in settings.points:
            self._points[point.name] = self._point(point, store, desk, merged, mqtt)
        transport = None
        if settings.central is not None:
            transport = open_transport(settings.central, settings.site, self._trust)
        puller = None
        if settings.central is not None and transport is not None:
            puller = FeedPuller(
                site=settings.site,
                central_key=central,
                cache=store.cache,
                transport=transport,
                clock=clock,
                settings=settings.central,
                formats=settings.numbers.formats(),
            )
            self._pusher = OutboxPusher(
                site=settings.site,
                outbox=store.outbox,
                transport=transport,
                clock=clock,
                settings=settings.central,
            )
        heads = self._heads(store)
        if heads is not None and transport is not None:
            self._head_pusher = HeadPusher(
                site=settings.site, heads=heads, transport=transport, central_key=central, clock=clock
            )
        pages = {point.name: point.kind for point in settings.points if point.kiosk}
        bay = HoldingBay(desk, store.ledger, clock, self._on_step, self._places)
        patience = CallPolicy(settings.timing.call_escalate)
        calls = CallWatch(store.ledger, store.ledger, clock, patience, self._hub.change)
        checkpoint = LiveCheckpoint(
            points=self._points,
            kiosks=frozenset(point.name for point in settings.points if has_kiosk(point)),
            ledger=store.ledger,
            history=store.ledger,
            bay=bay,
            hub=self._hub,
            queues=self._queues,
            clock=clock,
            system=self._system,
            places=self._places,
            declarations=store.cache,
            sighted=sightings.shown,
        )
        formats = settings.numbers.formats()
        archive = Archive(settings.data)
        workshop = Workshop(checkpoint, archive, clock, bench_of(settings, readers))
        kiosk = create_kiosk(checkpoint, clock, pages, formats)
        faces = Faces(settings, clock, lambda: self._trust.reading().offset)
        self._site = Site(
            settings,
            clock,
            store,
            officers,
            accounts,
            mqtt,
            readers,
            merged,
            sightings,
            self._points,
            transport,
            puller,
            self._pusher,
            heads,
            self._head_pusher,
            self._hub,
            calls,
            bay,
            checkpoint,
            create_console(
                *(checkpoint, officers, evidence, clock, formats),
                secure_cookies=settings.console.tls is not None,
                when_erased=keeper.eraser.when_erased,
                archive=archive,
                zone=ZoneInfo(settings.timezone),
                workshop=workshop,
                names=self._names(),
                record_accounts=accounts.carry,
            ),
            self._its_point_only(kiosk, faces),
            faces,
            push,
            build_peripherals(settings, booth_in(kiosk), self._points, clock, self._hub.change),
            keeper,
            Timekeeper(self._trust, store, policy_from(settings.policy).clock_max_offset, self._hub.change),
            archive,
            workshop,
        )
        return self._site

    def _its_point_only(self, kiosk: ASGIApp, faces: Faces) -> ASGIApp:
        if not self._settings.kiosk_credentials:
            return kiosk
        known = OnlyItsPoint(kiosk, serial_of=serial_of, point_of=faces.kiosks.point_of, clock=self._clock)
        return SafeHeaders(known)  # its refusals carry the same headers as every page

    async def restore_queues(self, store: Store) -> None:
        """Learn from the journal who is on the way to which lane, and who is held where."""
        visits = await store.ledger.open_visits()
        self._queues.load(visits)
        self._places.load(visits)

    def _point(
        self, point: PointSettings, store: Store, desk: Desk, readers: MergedReaders, mqtt: MqttLink | None
    ) -> PointRuntime:
        settings = self._settings
        config = PointConfig(
            point.name,
            point.label,
            settings.site,
            settings.holding_bay[0].label,
            point.corridors,
            settings.timing.read,
            settings.timing.barrier,
            settings.timing.enter,
            fitted=point.fitted,
            clear_seconds=settings.timing.clear,
            back_seconds=settings.timing.back,
            under_seconds=settings.timing.under,
            stay_seconds=settings.timing.stay,
            hold_seconds=settings.timing.hold,
            takes_oversize=point.takes_oversize,
            merge=point.merge is not None,
            devices=fingerprint(point, settings.mqtt, emulated=settings.mode == "demo"),
            arm_first=settings.mode == "production",
        )
        devices = build_point_devices(settings, point, mqtt, self._clock)
        around = Surroundings(
            point.kind,
            store.ledger,
            desk,
            readers if point.camera or point.push else None,
            devices.io,
            devices.board,
            self._clock,
            self._on_step,
            self._merge(point.merge),
            self._hub.change,
        )
        return PointRuntime(Machine(point.name, MACHINES[point.kind], config), self._boot_id, around)

    def _names(self) -> tuple[str, ...]:
        """What people call the console by in their browsers."""
        console = self._settings.console
        tls = console.tls.names if console.tls is not None else ()
        return (console.host, *tls, *self._settings.logins.names)

    def _heads(self, store: Store) -> JournalHeads | None:
        key_file = self._settings.keys.site_signing
        if key_file is None:
            log.warning("journal.unsigned", why="the site has no keys.site_signing")
            return None
        return JournalHeads(
            store.thread,
            store.ledger,
            site=self._settings.site,
            epoch=store.outbox.epoch,
            key=load_signing_private(key_file),
            clock=self._clock,
            on_signed=self._wake_head_pusher,
        )

    def _merge(self, name: str | None) -> Merge | None:
        if name is None:
            return None
        return self._merges.setdefault(name, Merge(self._clock))

    def _on_step(self, point: str, step: Step) -> None:
        self._queues.note(step)
        self._places.note(point, step)
        self._hub.change()

    def _on_read(
        self, point: str, passage_id: str, read: PlateRead | None, trailer: PlateRead | None
    ) -> None:
        at = self._clock.now()
        self._points[point].post(PlateSeen(at=at, passage_id=passage_id, read=read, trailer=trailer))

    def _on_camera(self, point: str, fault: str | None) -> None:
        at = self._clock.now()
        if fault is None:
            self._points[point].post(DeviceRecovered(at=at, device=DeviceRole.CAMERA))
        else:
            self._points[point].post(DeviceFaulted(at=at, device=DeviceRole.CAMERA, reason=fault))

    def _wake_pusher(self) -> None:
        if self._pusher is not None:
            self._pusher.wake()

    def _wake_head_pusher(self) -> None:
        if self._head_pusher is not None:
            self._head_pusher.wake()

    def _system(self) -> SystemView:
        site = self._site
        if site is None:
            raise AssertionError("asked before the site was built")
        return SystemView(
            site=self._settings.site,
            started=self._started,
            central=site.puller.status if site.puller else "not configured",
            cache_cursor=site.cache_cursor,
            cache_fetched_at=site.cache_fetched_at,
            outbox_waiting=site.outbox_waiting,
            broker=site.mqtt.status if site.mqtt else "not configured",
            anpr=site.readers.status,
            safe_mode=None,
            holding_bay=self._settings.holding_bay[0].label,
            evidence=site.keeper.status,
            clock=site.timekeeper.view(),
            certificates=site.faces.views,
        )
