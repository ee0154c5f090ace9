"""By which names and addresses a face is reached: what its own certificate must be good for."""

from __future__ import annotations

import fcntl
import ipaddress
import socket
import struct

from gate.settings import Face

_LOCAL = ("localhost", "127.0.0.1", "::1")
"""`gate status`, and whoever comes through a tunnel."""
_ASK_ADDRESS = 0x8915  # SIOCGIFADDR of netdevice(7)
_NAME_BYTES = 15


def names_of(face: Face) -> list[str]:
    """Where it listens, what its settings add, and this machine itself; each once."""
    found = [face.host]
    if _is_everywhere(face.host):
        found = [socket.gethostname(), *_addresses()]
    found += [*(face.tls.names if face.tls else ()), *_LOCAL]
    # A name beyond ASCII stands in no certificate; it must not keep the face from coming up.
    return list(dict.fromkeys(name.lower() for name in found if name.isascii()))


def _is_everywhere(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return False


def _addresses() -> list[str]:
    """IPv4 addresses of this machine, by interface. An IPv6 one is named in the settings."""
    found = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        for _, name in socket.if_nameindex():
            request = struct.pack("256s", name.encode()[:_NAME_BYTES])
            try:
                answer = fcntl.ioctl(asking, _ASK_ADDRESS, request)
            except OSError:
                continue  # an interface without an address
            found.append(socket.inet_ntoa(answer[20:24]))
    return found
