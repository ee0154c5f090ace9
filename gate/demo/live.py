"""The live table of lanes in the terminal."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any

import httpx2
from rich.console import Console, Group
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from gate.demo.drivers import Ending
from gate.demo.officer import Officer
from gate.demo.stage import Stage

_COLOURS = {"GREEN": "green", "BLUE": "blue", "YELLOW": "yellow", "RED": "red"}
_COLUMNS = {"point": 11, "corridor": 8, "phase": 11, "plate": 9, "barrier": 7, "loops": 19}
_BUSY = {"raising", "passing", "lowering", "directed", "registering"}
_WAITING = {"held", "control", "recovery"}


class LiveTable:
    """Redraws twice a second: addresses, lanes, what just happened."""

    def __init__(self, stage: Stage, seed: int, console: Console) -> None:
        self._stage = stage
        self._seed = seed
        self._console = console
        self._news: deque[str] = deque(maxlen=8)
        self._ended = 0

    def tell(self, what: str) -> None:
        """Add a line of news."""
        self._news.append(what)

    def ended(self, ending: Ending) -> None:
        """Tell how a visit ended."""
        self._ended += 1
        script = ending.script
        how = f"{ending.outcome} {ending.corridor or ''}".strip()
        strayed = "" if ending.as_scripted else f"  NOT AS SCRIPTED {ending.trouble}"
        self.tell(f"{script.mark:10} {script.kind.value:20} {how:18} {ending.seconds:5.1f} s{strayed}")

    async def follow(self, officer: Officer) -> None:
        """Redraw until cancelled."""
        with Live(console=self._console, auto_refresh=False, transient=False) as live:
            while True:
                try:
                    live.update(self._draw(await officer.overview()), refresh=True)
                except httpx2.HTTPError:
                    self.tell("The console does not answer.")
                await asyncio.sleep(0.5)

    def _draw(self, overview: dict[str, Any]) -> Group:
        system = overview["system"]
        name, password = self._stage.account
        second, its = self._stage.second_account
        head = Text.from_markup(
            f"[bold]Officers' console[/bold]  {self._stage.console_url}   account [bold]{name}[/bold]"
            f"  password [bold]{password}[/bold]\n"
            f"[bold]Second officer[/bold]  account [bold]{second}[/bold]  password [bold]{its}[/bold]\n"
            f"[bold]Kiosk at the approach[/bold]  {self._stage.kiosk_url}/approach"
            f"   [bold]baggage terminal[/bold]  {self._stage.kiosk_url}/hall-1\n"
            f"[bold]Trust, or be warned[/bold]  {self._stage.authority}\n"
            f"[bold]Central[/bold]  {system['central']}   [bold]broker[/bold] {system['broker']}"
            f"   [bold]plate reader[/bold] {system['anpr']}   [bold]outbox[/bold] {system['outbox_waiting']}"
            f"   [bold]visits[/bold] {self._ended}   [bold]seed[/bold] {self._seed}"
        )
        table = Table(expand=True, pad_edge=False)
        for title, least in _COLUMNS.items():
            table.add_column(title, no_wrap=True, min_width=least)
        table.add_column("board", no_wrap=True, ratio=1)
        table.add_column("calls", no_wrap=True)
        for point in overview["points"]:
            table.add_row(*self._row(point, overview["calls"]))
        news = Panel("\n".join(self._news) or "...", title="just now", height=10)
        return Group(Panel(head, title="Gate demo - Ctrl-C ends it"), table, news)

    def _row(self, point: dict[str, Any], calls: list[dict[str, Any]]) -> tuple[str | Text, ...]:
        corridors = Text()
        for corridor in point["corridors"]:
            corridors.append(corridor, style=_COLOURS[corridor])
        phase = point["phase"]
        style = "bold yellow" if phase in _WAITING else "bold green" if phase in _BUSY else ""
        place = self._stage.yard.places.get(point["name"])
        loops = _loops(point) if place else ""
        mine = sum(1 for call in calls if call["point"] == point["name"])
        fault = "; ".join(point["faults"])
        return (
            f"{point['label']}  {point['name']}",
            corridors,
            Text(phase, style=style),
            point["plate"] or "",
            point["barrier"] if point["kind"] in ("entry", "exit") else "",
            loops,
            Text(fault, style="red") if fault else (place.sign() if place else point["message"]["kind"]),
            str(mine) if mine else "",
        )


def _loops(point: dict[str, Any]) -> str:
    """What the detectors say; an approach has but one."""
    if point["kind"] == "approach":
        return str(point["arming"])
    return f"{point['arming']} / {point['safety']}"
