"""The camera a person means: a point of the site, an address, a folder, a recording or a device."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import TypeAdapter, ValidationError

from gate.errors import ConfigError
from gate.settings import Camera, SiteSettings

REAR = "/rear"
"""Behind a point's name: its rear camera."""
_CAMERA: TypeAdapter[Camera] = TypeAdapter(Camera)
_DRIVERS = {"http": "http-mjpeg", "https": "http-mjpeg", "rtsp": "rtsp", "rtsps": "rtsp"}


def camera_named(
    text: str, site: SiteSettings | None, *, credentials: Path | None = None, ca_file: Path | None = None
) -> Camera:
    """Its settings. A point's name goes first; ConfigError says what `text` could have been."""
    cameras = cameras_of(site) if site is not None else {}
    if text in cameras:
        if credentials is not None or ca_file is not None:
            raise ConfigError(f"{text} is configured: its camera's credentials are in the site's file")
        return cameras[text]
    scheme, _, rest = text.partition("://")
    path = Path(text)
    if rest:
        if scheme.lower() not in _DRIVERS:
            raise ConfigError(f"{scheme}://: no camera is watched so; {', '.join(_DRIVERS)} are known")
        if "@" in urlsplit(text).netloc:
            raise ConfigError("the address holds a user or password: give them with --credentials FILE")
        return _checked(text, {"driver": _DRIVERS[scheme.lower()], "url": text,
                               "credentials_file": credentials, "ca_file": ca_file})  # fmt: skip
    if path.is_dir():
        return _checked(text, {"driver": "folder", "path": path.absolute()})
    if path.is_char_device():
        return _checked(text, {"driver": "v4l2", "device": path})
    if path.is_file():
        return _checked(text, {"driver": "video-file", "path": path.absolute()})
    known = ", ".join(cameras) or "none: no site configuration was found or none of its points has a camera"
    raise ConfigError(
        f"{text}: no such camera; name a configured one ({known}), an address (rtsp://, http://, https://), "
        "a folder of photographs, a recording or a /dev/v4l device"
    )


def cameras_of(site: SiteSettings) -> Mapping[str, Camera]:
    """Every configured camera by the name a person gives it."""
    named = {point.name: point.camera for point in site.points}
    named |= {f"{point.name}{REAR}": point.rear for point in site.points}
    return {name: camera for name, camera in named.items() if camera is not None}


def _checked(text: str, given: dict[str, Any]) -> Camera:
    told = {key: value for key, value in given.items() if value is not None}
    try:
        return _CAMERA.validate_python(told)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        about = ".".join(str(step) for step in first["loc"][1:])
        raise ConfigError(f"{text}: {about}: {first['msg']}") from error
