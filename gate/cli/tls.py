"""`gate tls`: the certificates of both web faces, and those of the kiosks."""

from __future__ import annotations

import json
import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gate.cli.options import AsJson, SiteFile, site_file
from gate.errors import CertificateError

if TYPE_CHECKING:
    from cryptography import x509

    from gate.certificates.ends import Look
    from gate.settings import SiteSettings

tls = typer.Typer(no_args_is_help=True, help="The certificates of console and kiosks.")
EXIT_BROKEN = 1

Point = Annotated[str, typer.Argument(help="The point whose kiosk it is, by its name in the configuration.")]


@tls.command()
def show(config: SiteFile = None, *, as_json: AsJson = False) -> None:
    """Show the authority, both faces' and the kiosks' certificates: until when, and their fingerprints.

    Needs the right to read the data folder: root, or the gate's user. Changes nothing.

    Exit codes: 0 all can be used, 1 one cannot.
    """
    from gate.certificates.authority import Paths
    from gate.certificates.ends import ends, look

    settings, now = _load(config), datetime.now(UTC)
    seen = look(settings, now)
    views, prints = ends(seen, now), _fingerprints(seen)
    broken = any(view.state == "broken" for view in views)
    authority = str(Paths.of(settings.data).authority)
    if as_json:
        told = [
            {
                "what": view.what,
                "state": view.state,
                "until": view.until.isoformat() if view.until else None,
                "says": view.says,
                "do": view.do,
                "sha256": prints.get(view.what, []),
            }
            for view in views
        ]
        typer.echo(json.dumps({"ok": not broken, "authority": authority, "certificates": told}))
    else:
        for view in views:
            typer.echo(f"{view.what}: {view.says}")
            for fingerprint in prints.get(view.what, []):
                typer.echo(f"  SHA-256 {fingerprint}")
            if view.do:
                typer.echo(f"  -> {view.do}")
        typer.echo(f"Browsers trust {authority}" if views else "Both faces speak plain HTTP: tls is off.")
    raise typer.Exit(EXIT_BROKEN if broken else 0)


@tls.command()
def kiosk(
    point: Point,
    out: Annotated[
        Path,
        typer.Option("--out", metavar="FILE.p12", dir_okay=False, help="Where it is written, with its key."),
    ],
    policy: Annotated[
        Path | None,
        typer.Option(
            "--policy",
            metavar="FILE.json",
            dir_okay=False,
            help="Where the kiosk's Chromium policy is written: this gate alone, its authority trusted.",
        ),
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(
            "--at",
            metavar="NAME",
            help="The name or address the kiosk reaches the gate by; without it kiosk.host.",
        ),
    ] = None,
    config: SiteFile = None,
    *,
    beside: Annotated[
        bool, typer.Option("--beside", help="A second screen: the point's other certificates stay good.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Make a certificate for one kiosk. The point's certificates of before become worthless at once.

    The file is protected by a password made for it, which is printed and kept nowhere. The running gate
    knows the new certificate by itself.
    """
    from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12

    settings = _load(config)
    _known(settings, point)
    origin = _origin(settings, at)
    for file in filter(None, (out, policy)):
        if file.exists():
            raise typer.BadParameter(f"{file} is there already, and is not overwritten")
    from gate import logs
    from gate.certificates.authority import Paths, open_authority
    from gate.certificates.files import PUBLIC, SECRET, write
    from gate.certificates.kiosk_policy import kiosk_policy
    from gate.certificates.kiosks import note_kiosk
    from gate.certificates.making import Today, make_kiosk

    logs.configure(level="WARNING")  # a new authority is told, on stderr
    now, paths = datetime.now(UTC), Paths.of(settings.data)
    authority = open_authority(paths, settings.site, Today(now, sure=True))
    made = make_kiosk(authority, point, now)
    password = secrets.token_urlsafe(15)
    name = f"{settings.site} {point}".encode()
    sealed = pkcs12.serialize_key_and_certificates(
        name, made.key, made.certificate, [authority.certificate], BestAvailableEncryption(password.encode())
    )
    written = [out]
    try:
        write(out.absolute(), sealed, SECRET)
        if policy is not None:
            written.append(policy)
            told = json.dumps(kiosk_policy(origin, authority.certificate), indent=2) + "\n"
            write(policy.absolute(), told.encode(), PUBLIC)
        # Last: the kiosk that works now must not lose its certificate to one that was never written.
        ended = note_kiosk(paths.kiosks, point, made.certificate, beside=beside)
    except CertificateError:
        for file in written:
            file.unlink(missing_ok=True)
        raise
    _tell_made(made.certificate, point, out, policy, password, ended, as_json=as_json)


@tls.command()
def revoke(point: Point, config: SiteFile = None, *, as_json: AsJson = False) -> None:
    """Make every certificate of a point's kiosks worthless, at once: for one that was stolen.

    Its page is then refused until a new certificate is made and installed.
    """
    from gate.certificates.authority import Paths
    from gate.certificates.kiosks import forget_kiosks

    settings = _load(config)
    ended = forget_kiosks(Paths.of(settings.data).kiosks, point)
    if as_json:
        typer.echo(json.dumps({"point": point, "ended": ended}))
    else:
        typer.echo(f"{point}: {ended} made worthless." if ended else f"{point}: there were none.")


def _load(config: Path | None) -> SiteSettings:
    from gate.config import load_site

    return load_site(site_file(config))


def _known(settings: SiteSettings, point: str) -> None:
    kiosks = [one.name for one in settings.points if one.kiosk]
    if point not in kiosks:
        raise typer.BadParameter(f"{point} has no kiosk page; there are {', '.join(kiosks) or 'none'}")


def _origin(settings: SiteSettings, at: str | None) -> str:
    import ipaddress

    face = settings.kiosk
    if face.tls is None:
        raise typer.BadParameter("kiosk.tls is off: a certificate is shown over TLS to the gate itself")
    host = at or face.host
    try:
        everywhere = ipaddress.ip_address(host).is_unspecified
    except ValueError:
        everywhere = False
    if everywhere:
        if not face.tls.names:
            raise typer.BadParameter(f"kiosk.host is {host}: say with --at by which name kiosks reach it")
        host = face.tls.names[0]
    return face.model_copy(update={"host": host}).url


def _fingerprints(seen: Look) -> dict[str, list[str]]:
    from cryptography import x509

    from gate.certificates.kiosks import fingerprint

    found = {
        name: [fingerprint(face.chain.certificate)]
        for name, face in seen.faces.items()
        if face.chain is not None
    }
    if isinstance(seen.authority, x509.Certificate):
        found["authority"] = [fingerprint(seen.authority)]
    if not isinstance(seen.kiosks, CertificateError):
        for point, ones in seen.kiosks.items():
            found[f"kiosk at {point}"] = [one.fingerprint for one in ones]
    return found


def _tell_made(
    certificate: x509.Certificate,
    point: str,
    out: Path,
    policy: Path | None,
    password: str,
    ended: int,
    *,
    as_json: bool,
) -> None:
    from gate.certificates.kiosks import fingerprint, serial_of

    until = certificate.not_valid_after_utc
    told: dict[str, Any] = {
        "point": point,
        "file": str(out),
        "password": password,
        "serial": serial_of(certificate),
        "sha256": fingerprint(certificate),
        "until": until.isoformat(),
        "ended": ended,
        "policy": str(policy) if policy else None,
    }
    if as_json:
        typer.echo(json.dumps(told))
        return
    typer.echo(f"{out}: certificate of the kiosk at {point}, good until {until:%Y-%m-%d}")
    typer.echo(f"  its password, kept nowhere: {password}")
    typer.echo(f"  SHA-256 {told['sha256']}")
    if policy:
        typer.echo(f"{policy}: its Chromium policy, for /etc/chromium/policies/managed")
    if ended:
        typer.echo(f"{ended} of before made worthless.")
