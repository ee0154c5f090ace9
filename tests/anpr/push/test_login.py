"""The log-in by itself: the algorithms cameras speak, and each answer good once."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable

import pytest

from gate.anpr.push.login import NONCE_SECONDS, ChallengedError, Login
from gate.anpr.push.refusals import RefusedError

URI = "/lane-1?id=1"


def challenged(login: Login, header: str = "", now: float = 0.0) -> list[str]:
    """What it demands."""
    with pytest.raises(ChallengedError) as raised:
        login.check(header, "POST", URI, now, tls=False)
    return raised.value.challenges


def answer(challenge: str, *, qop: bool = True, count: int = 1, changes: dict[str, str] | None = None) -> str:
    """The header a camera would send (RFC 7616, or RFC 2069 without qop)."""
    nonce = re.findall(r'nonce="([^"]+)"', challenge)[0]
    algorithm = challenge.rpartition("algorithm=")[2]
    digest: Callable[[str], str] = lambda text: hashlib.new(  # noqa: E731 - one formula
        {"MD5": "md5", "SHA-256": "sha256"}[algorithm], text.encode()
    ).hexdigest()
    secret, asked = digest("camera:gate:pass"), digest(f"POST:{URI}")
    told = {"username": "camera", "realm": "gate", "nonce": nonce, "uri": URI}
    if qop:
        told |= {"nc": f"{count:08x}", "cnonce": "c", "qop": "auth"}
        told["response"] = digest(f"{secret}:{nonce}:{count:08x}:c:auth:{asked}")
    else:
        told["response"] = digest(f"{secret}:{nonce}:{asked}")
    told |= {"algorithm": algorithm} | (changes or {})
    return "Digest " + ", ".join(f'{name}="{value}"' for name, value in told.items())


@pytest.mark.parametrize("algorithm", [0, 1], ids=["MD5", "SHA-256"])
@pytest.mark.parametrize("qop", [True, False])
def test_each_answer_is_good_once(algorithm: int, qop: bool) -> None:
    """The same again is a replay; with qop the next count is good, an older one is not."""
    login = Login("camera", "pass", "digest")
    challenge = challenged(login)[algorithm]
    login.check(answer(challenge, qop=qop), "POST", URI, 1.0, tls=False)
    with pytest.raises(RefusedError, match="used before"):
        login.check(answer(challenge, qop=qop), "POST", URI, 1.0, tls=False)
    if qop:
        login.check(answer(challenge, count=3), "POST", URI, 1.0, tls=False)
        with pytest.raises(RefusedError, match="used before"):
            login.check(answer(challenge, count=2), "POST", URI, 1.0, tls=False)


def test_a_nonce_ages_by_our_clock() -> None:
    """After a minute the camera is asked anew, and told that only the nonce was at fault."""
    login = Login("camera", "pass", "digest")
    header = answer(challenged(login)[0])
    assert "stale=true" in challenged(login, header, NONCE_SECONDS + 1)[0]
    assert "stale=true" in challenged(login, answer('nonce="made-up", algorithm=MD5'))[0]


@pytest.mark.parametrize(
    "changes",
    [
        {"uri": "/lane-2"},
        {"username": "admin"},
        {"response": ""},
        {"response": "0" * 32},
        {"QOP": "auth-int"},
        {"algorithm": "MD5-sess"},
        {"nc": "0000000g"},
        {"nc": "00000000"},
        {"cnonce": "d"},
    ],
    ids=str,
)
def test_anything_changed_is_refused(changes: dict[str, str]) -> None:
    """Another path, user, quality or count does not answer the challenge."""
    login = Login("camera", "pass", "digest")
    header = answer(challenged(login)[0], changes=changes)
    with pytest.raises(RefusedError) as raised:
        login.check(header, "POST", URI, 1.0, tls=False)
    assert (raised.value.reason, raised.value.status) == ("auth", 401)


def test_old_nonces_make_room() -> None:
    """Asking without end costs no memory; the newest challenge is always good."""
    login = Login("camera", "pass", "digest")
    first = challenged(login)[0]
    for _ in range(1000):
        last = challenged(login)[0]
    assert len(login._nonces) == 64
    challenged(login, answer(first))
    login.check(answer(last), "POST", URI, 1.0, tls=False)
