"""Running the reference central in this process."""

from __future__ import annotations

import asyncio
import random
import secrets
import socket
from collections.abc import Mapping
from pathlib import Path

import structlog
import uvicorn

from gate.clock import SystemClock
from gate.errors import ConfigError
from gate.sealing import load_site_public
from gate.sealing.keys import load_signing_public
from gate.sync.central.policy import CentralPolicy
from gate.sync.central.system import open_central
from gate.sync.central.web import create_app

log = structlog.get_logger()

_GRACE_SECONDS = 2


def serve(
    data: Path,
    host: str,
    port: int,
    sites: Mapping[str, Path],
    *,
    signing: Mapping[str, Path] | None = None,
    trust_received_at: bool = False,
    seed: int | None = None,
    policy: CentralPolicy | None = None,
) -> None:
    """Serve until SIGINT or SIGTERM. Prints the address once it listens.

    `sites` maps each checkpoint's name to its public key file, `signing` to the one of the key it signs
    its journal's heads with. `port` 0 takes a free one. With a
    `seed` numbers and draws repeat from run to run: for demonstrations only.
    """
    serving = _serve(
        data, host, port, sites, signing or {}, trust_received_at=trust_received_at, seed=seed, policy=policy
    )
    asyncio.run(serving)


def uvicorn_server(app: object) -> uvicorn.Server:
    """A server for central's app, with its logs left to ours and a short grace at the end."""
    config = uvicorn.Config(
        app,  # type: ignore[arg-type]  # uvicorn's ASGI type is narrower than Starlette's own
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
        h11_max_incomplete_event_size=64 * 1024,
    )
    return uvicorn.Server(config)


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; ConfigError when the address cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named TCP, not left to default: only then does asyncio turn Nagle's delay off on what it accepts,
    # which costs every keep-alive request 40 ms.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        # Already now, so that whoever is told the address may connect and wait for us.
        listener.listen()
    except OSError as error:
        listener.close()
        raise ConfigError(
            f"{host}:{port}: central cannot listen there ({error.strerror}); choose another --port"
        ) from error
    return listener


async def _serve(
    data: Path,
    host: str,
    port: int,
    sites: Mapping[str, Path],
    signing: Mapping[str, Path],
    *,
    trust_received_at: bool,
    seed: int | None,
    policy: CentralPolicy | None,
) -> None:
    keys = {name: load_site_public(path) for name, path in sites.items()}
    signing_keys = {name: load_signing_public(path) for name, path in signing.items()}
    rng = secrets.SystemRandom() if seed is None else random.Random(seed)  # noqa: S311 - demonstrations
    listener = listen(host, port)
    try:
        central = await open_central(
            data, clock=SystemClock(), rng=rng, policy=policy, trust_received_at=trust_received_at
        )
        for name, key in keys.items():
            await central.register_site(name, key)
        for name, signing_key in signing_keys.items():
            await central.register_signing_key(name, signing_key)
        bound = listener.getsockname()[1]
        shown = f"[{host}]" if ":" in host else host
        print(f"Gate reference central on http://{shown}:{bound}, data in {data}", flush=True)  # noqa: T201 - the command's answer
        log.info("central.serving", host=host, port=bound, sites=sorted(keys), seeded=seed is not None)
        await uvicorn_server(create_app(central)).serve(sockets=[listener])
    finally:
        listener.close()
