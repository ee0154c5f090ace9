"""A web face answers for its own names, to requests of a sane size."""

from __future__ import annotations

from starlette.responses import PlainTextResponse

from gate.origins import MOST_HEADER_BYTES, KnownHere, own_names
from tests.console.serving import client_of

FACE = KnownHere(PlainTextResponse("here"), face="test", names=("gate.astara.example",))


async def asked(*hosts: str, method: str = "GET", **headers: str) -> int:
    """What is answered to a request for these hosts."""
    async with client_of(FACE) as client:
        request = client.build_request(method, "/", headers=headers)
        del request.headers["host"]
        raw = [(b"Host", host.encode("latin-1")) for host in hosts]
        request.headers = type(request.headers)([*raw, *request.headers.raw])
        return (await client.send(request)).status_code


async def test_addresses_and_own_names_are_answered() -> None:
    """With a port or without; a name in any case, and with the dot that ends it."""
    good = ["127.0.0.1", "10.0.0.5:8441", "[::1]", "[fe80::1]:8441", "localhost:8441", *own_names()]
    for host in [*good, "gate.astara.example", "GATE.Astara.Example.:8441"]:
        assert await asked(host) == 200, host


async def test_a_name_that_was_made_to_point_here_is_not() -> None:
    """DNS rebinding: the browser takes the gate for the page's own origin, and the gate does not."""
    for host in (
        *("elsewhere.example", "127.0.0.1.elsewhere.example", "gate.astara.example.elsewhere.example"),
        *("", ":8441", "[::1", "localhost@elsewhere.example", "1", "0x7f000001"),
    ):
        assert await asked(host) == 421, host


async def test_one_host_and_no_other() -> None:
    """None, or two that may be taken for one another on the way, are refused."""
    assert await asked() == 421
    assert await asked("127.0.0.1", "elsewhere.example") == 421


async def test_endless_headers_are_refused() -> None:
    """Sixteen kilobytes of them are enough for any browser."""
    assert await asked("127.0.0.1", filler="x" * (MOST_HEADER_BYTES // 2)) == 200
    assert await asked("127.0.0.1", filler="x" * MOST_HEADER_BYTES) == 431


async def test_reading_from_elsewhere_is_a_link_and_changing_is_not() -> None:
    """A link in a mail may lead here; a form on that page may not."""
    assert await asked("127.0.0.1", **{"Sec-Fetch-Site": "cross-site"}) == 200
    assert await asked("127.0.0.1", method="POST", **{"Sec-Fetch-Site": "cross-site"}) == 403
    assert await asked("127.0.0.1", method="POST", Origin="http://[broken") == 403
