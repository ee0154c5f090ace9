"""`gate mqtt`: the broker's accounts and access rules, made from the site configuration."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import TYPE_CHECKING

import typer

from gate.cli.options import SiteFile, site_file
from gate.errors import ConfigError

if TYPE_CHECKING:
    from gate.settings import SiteSettings
    from hardware.links.contract import Address

mqtt = typer.Typer(no_args_is_help=True, help="The devices' broker: its accounts and access rules.")


@mqtt.command()
def acl(config: SiteFile = None) -> None:
    """Print mosquitto's access rules for a site: who may say and hear what.

    The gate alone publishes commands; a device speaks for itself alone and hears its own commands.
    """
    settings = _load(config)
    typer.echo(access_rules(settings), nl=False)


@mqtt.command()
def accounts(config: SiteFile = None) -> None:
    """Print an account a line, NAME:PASSWORD, with new random passwords; hash them with mosquitto_passwd -U.

    Every call makes other passwords. They are secrets: keep the output where nobody else reads it.
    """
    settings = _load(config)
    for name in (gate_account(settings), *(account(device) for device in mqtt_devices(settings))):
        typer.echo(f"{name}:{secrets.token_urlsafe(24)}")


def access_rules(settings: SiteSettings) -> str:
    """The acl_file of this site's mosquitto.

    Each device by name, not by a pattern of %u: mosquitto 2.1 matches no account with a slash against
    patterns, and so an account left over from a device that is gone opens nothing.
    """
    from hardware.links.contract import FAMILY, ROOT

    lines = [
        f"# The devices' broker of {settings.site}: what `gate mqtt acl` makes of the site configuration.",
        "# Who is not named may do nothing; what is not granted is refused.",
        "",
        f"user {gate_account(settings)}",
        f"topic write {ROOT}/{settings.site}/+/+/cmd",
        f"topic read {FAMILY}/#",
    ]
    for device in mqtt_devices(settings):
        lines += ["", f"user {account(device)}"]
        lines += [f"topic write {device.topic(kind)}" for kind in ("state", "availability", "event", "ack")]
        lines += [f"topic read {device.topic('cmd')}"]
    return "\n".join(lines) + "\n"


def mqtt_devices(settings: SiteSettings) -> Iterator[Address]:
    """Every device of the site that speaks MQTT."""
    from hardware.links.contract import Address

    for point in settings.points:
        for name, device in (("io", point.io), ("board", point.board)):
            if device is not None and device.driver == "mqtt":
                yield Address(settings.site, point.name, name)


def account(device: Address) -> str:
    """A device's account is its place in the topics."""
    return f"{device.site}/{device.lane}/{device.device}"


def gate_account(settings: SiteSettings) -> str:
    """The gate's own account; ConfigError where the site names none."""
    if settings.mqtt is None:
        raise ConfigError(f"site {settings.site} has no mqtt: section, so no broker to make accounts for")
    if settings.mqtt.username is None:
        raise ConfigError("mqtt.username is missing: name the account the gate logs in with, e.g. gate")
    return settings.mqtt.username


def _load(config: SiteFile) -> SiteSettings:
    from gate.config import load_site

    return load_site(site_file(config))
