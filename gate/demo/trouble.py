"""Trouble now and then: what breaks at a real border, and mends again."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack

from gate.demo.stage import Stage

SHORT, LONG = 1.0, 3.0


class Trouble:
    """Breaks one thing at a time, says so, and mends it."""

    def __init__(self, stage: Stage, rng: random.Random, say: Callable[[str], None]) -> None:
        self._stage = stage
        self._rng = rng
        self._say = say
        self.mended = asyncio.Event()
        """Set while nothing is broken."""
        self.mended.set()

    async def keep_making(self, pause: float) -> None:
        """Make trouble every `pause` seconds or so, until cancelled; what is broken then is still mended."""
        kinds: list[Callable[[], Awaitable[None]]] = [
            self._central_away,
            self._silent_device,
            self._dark_camera,
            self._broker_away,
        ]
        while True:
            await asyncio.sleep(pause * self._rng.uniform(0.7, 1.3))
            await asyncio.shield(self._one(self._rng.choice(kinds)))

    async def _one(self, kind: Callable[[], Awaitable[None]]) -> None:
        self.mended.clear()
        try:
            await kind()
        finally:
            self.mended.set()

    async def _central_away(self) -> None:
        self._say("Central is away; visits go on from the cache.")
        await self._stage.stop_central()
        await asyncio.sleep(LONG)
        await self._stage.start_central()
        self._say("Central is back; the outbox catches up.")

    async def _silent_device(self) -> None:
        """Mute the board of a lane that is free: the lane shows it, and recovers by itself."""
        places = [place for place in self._stage.yard.places.values() if not place.room.locked()]
        if not places:
            return
        place = self._rng.choice(places)
        async with place.room:
            self._say(f"The i/o board of {place.name} stops answering.")
            place.lane.mute()
            await asyncio.sleep(SHORT)
            place.lane.unmute()
            await asyncio.sleep(SHORT)
        self._say(f"The i/o board of {place.name} answers again.")

    async def _dark_camera(self) -> None:
        name = self._rng.choice(sorted(self._stage.yard.places))
        self._say(f"The camera of {name} freezes.")
        self._stage.cameras.freeze(name)
        await asyncio.sleep(SHORT)
        self._stage.cameras.thaw(name)

    async def _broker_away(self) -> None:
        broker = self._stage.broker
        if broker is None:
            return
        mqtt_places = [
            self._stage.yard.places[point.name]
            for point in self._stage.settings.points
            if point.io is not None and point.io.driver == "mqtt"
        ]
        if any(place.room.locked() for place in mqtt_places):
            return
        async with AsyncExitStack() as rooms:
            for place in mqtt_places:
                await rooms.enter_async_context(place.room)
            self._say("The MQTT broker is away; its lanes wait.")
            await broker.stop()
            await asyncio.sleep(SHORT)
            await broker.start()
            await asyncio.sleep(LONG)
            self._say("The MQTT broker is back.")
