"""The QR code of a visit: for a phone to photograph off the page, and for paper.

It holds the visit's id and nothing else. The id is a point, a start of the gate and a count: it tells no
corridor, no plate and no number, and only the officers' console can do anything with it.
"""

from __future__ import annotations

import io

import segno

_QUIET = 4
"""Modules of white around it, as the standard asks."""


def code_as_svg(visit_id: str) -> bytes:
    """The code as a picture for the page: black on white whatever stands around it."""
    picture = io.BytesIO()
    _code(visit_id).save(
        picture, kind="svg", scale=8, border=_QUIET, dark="#000", light="#fff", xmldecl=False, nl=False
    )
    return picture.getvalue()


def code_as_modules(visit_id: str) -> tuple[tuple[bool, ...], ...]:
    """The code row by row, dark or not, its quiet zone around it."""
    return tuple(tuple(bool(module) for module in row) for row in _code(visit_id).matrix_iter(border=_QUIET))


def _code(visit_id: str) -> segno.QRCode:
    return segno.make_qr(visit_id, error="m", encoding="utf-8")
