"""The whole daemon over TLS: with a certificate that cannot be used, with kiosks that must be known."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime
from pathlib import Path

from gate.certificates.authority import Paths, open_authority
from gate.certificates.kiosks import note_kiosk
from gate.certificates.making import Today, make_kiosk
from tests.app.daemon import ACCOUNT, Daemon
from tests.cli.calling import gate
from tests.console.serving import csrf_of, log_in


def _spoil(daemon: Daemon) -> str:
    """Name a certificate that is none for the console; the key it names."""
    bad = daemon.data / "brought.pem"
    bad.write_text("not a certificate")
    daemon.site["console"]["tls"] = {"cert_file": str(bad), "key_file": str(bad)}
    daemon.write_config()
    return str(bad)


async def test_a_broken_certificate_and_known_kiosks(daemon: Daemon, tmp_path: Path) -> None:
    """It starts, shows one of its own authority and says what is wrong; a kiosk is known by what it shows."""
    bad = _spoil(daemon)
    daemon.site["kiosk"]["credentials"] = "required"
    daemon.write_config()
    daemon.add_officer()
    await daemon.start()
    health = await daemon.until_answering()
    views = {view["what"]: view for view in health["certificates"]}
    assert (views["console"]["state"], views["kiosk"]["state"]) == ("broken", "good")
    assert bad in views["console"]["says"]
    assert [line["why"] for line in daemon.log("tls.fault")] == [views["console"]["says"]]
    status = await gate("status", "-c", daemon.config)
    assert status.code == 1
    assert "holds no certificate" in status.out

    async with daemon.client(daemon.console) as officer:
        answer = await log_in(officer, *ACCOUNT)
        assert answer.status_code == 303
        told = answer.headers.get_list("set-cookie")
        (session,) = [cookie for cookie in told if cookie.startswith("__Host-gate_session=")]
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=strict"} <= set(session.split("; "))
        assert "Domain" not in session
        assert (await officer.get("/api/me")).status_code == 200
        form = {"csrf": await csrf_of(officer), "scheme": "dark"}
        told += (await officer.post("/looks", data=form)).headers.get_list("set-cookie")
        assert [cookie for cookie in told if not cookie.startswith("__Host-")] == []
        assert "color-scheme: dark;" in (await officer.get("/looks.css")).text
        assert answer.headers["strict-transport-security"] == "max-age=31536000"

    paths, now = Paths.of(daemon.data), datetime.now(UTC)
    made = make_kiosk(open_authority(paths, daemon.site["site"], Today(now, sure=True)), "hall-1", now)
    note_kiosk(paths.kiosks, "hall-1", made.certificate, beside=False)
    shown = tmp_path / "kiosk.pem"
    shown.write_bytes(made.certificate_pem + made.key_pem)
    async with daemon.client(daemon.kiosk) as nobody:
        assert (await nobody.get("/hall-1")).status_code == 403
    async with daemon.client(daemon.kiosk, showing=shown) as kiosk:
        statuses = [(await kiosk.get(path)).status_code for path in ("/hall-1", "/api/hall-1", "/approach")]
    assert statuses == [200, 200, 403]
    assert (await daemon.metrics())['gate_kiosk_credentials_refused_total{reason="none"}'] == 1


async def test_safe_mode_speaks_tls_whatever_is_broken(daemon: Daemon) -> None:
    """No site key, no certificate, an authority that cannot be used: the console comes up all the same."""
    _spoil(daemon)
    (daemon.data / "keys/site.key").unlink()
    (daemon.data / "tls").mkdir()
    daemon.authority.write_text("damaged")
    await daemon.start()
    trusting_nobody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trusting_nobody.check_hostname = False
    trusting_nobody.verify_mode = ssl.CERT_NONE  # a passing certificate is nobody's to verify
    health = await daemon.until_healthy(lambda told: bool(told["safe_mode"]), "safe mode", trusting_nobody)
    assert health["http"] == 503
    assert "site.key" in health["safe_mode"]
    (fault,) = [line for line in daemon.log("tls.fault") if line["face"] == "console"]
    assert (fault["source"], "authority.pem" in fault["why"]) == ("passing", True)
    assert (await daemon.stop())[0] == 0
