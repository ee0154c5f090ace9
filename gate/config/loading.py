"""From a YAML file to SiteSettings: every problem at once, relative paths settled."""

from __future__ import annotations

import difflib
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node

from gate.config import allowed, lines
from gate.config.problems import Problem, SiteConfigError
from gate.sealing.credentials import is_credential
from gate.settings import PolicySettings, SiteSettings

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

Model = TypeVar("Model", bound=BaseModel)

_SHOWN = 60
"""Characters of a wrong value worth repeating."""
_QUOTES_NOTHING = ("missing", "extra_forbidden", "invalid_key", "union_tag_not_found", "too_short")
"""What is said of these repeats keys, never a value."""
_LARGEST = 1_000_000
"""Bytes. A site of a hundred points has a hundredth of that: more is some other file."""


def load_site(path: Path, data: Path | None = None) -> SiteSettings:
    """The checked site of a YAML file, all its paths absolute.

    Relative paths lie under the site's data folder; the data folder itself, in the file or given
    here to override it, under the current directory. Raises SiteConfigError with every problem.
    """
    settings = _checked(path, SiteSettings)
    folder = (data or settings.data).absolute()
    return _settle(settings, folder).model_copy(update={"data": folder})


def load_policy(path: Path) -> PolicySettings:
    """The checked policy of a YAML file that holds the keys of a site's `policy:` section, and no others.

    Raises SiteConfigError with every problem.
    """
    return _checked(path, PolicySettings)


def _checked(path: Path, model: type[Model]) -> Model:
    text = _read(path)
    root, raw = _parse(path, text)
    problems = [
        Problem(path, line, lines.key_name(key), f"stands twice, first on line {first}", "")
        for line, first, key in lines.repeated_keys(root)
    ]
    try:
        checked = model.model_validate(raw)
    except ValidationError as refused:
        top = model.model_json_schema()
        problems += [
            _explain(path, root, top, error)
            for error in refused.errors(include_url=False)
            # pydantic also counts a list whose items are all wrong as too short
            if not (error["type"] == "too_short" and error["input"])
        ]
        raise SiteConfigError(tuple(problems)) from refused
    if problems:
        raise SiteConfigError(tuple(problems))
    return checked


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
        if len(content) > _LARGEST:
            raise SiteConfigError((Problem(path, 0, "", "is too large to be a site configuration", ""),))
        return content.decode("utf-8-sig")
    except OSError as error:
        what = f"cannot be read: {error.strerror}"
        raise SiteConfigError((Problem(path, 0, "", what, ""),)) from error
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise SiteConfigError((Problem(path, line, "", "is not UTF-8 text", "UTF-8"),)) from error


def _parse(path: Path, text: str) -> tuple[Node, Any]:
    """The file twice: as nodes, which know their lines, and as plain data."""
    try:
        root = YAML(typ="safe", pure=True).compose(StringIO(text))
        if not isinstance(root, MappingNode):
            what = "is empty" if root is None else "is not a site configuration"
            raise SiteConfigError((Problem(path, 1, "", what, "keys and values, as in config/demo.yaml"),))
        loader = YAML(typ="safe", pure=True)
        loader.allow_duplicate_keys = True  # told with their lines, all of them, by load_site
        return root, loader.load(StringIO(text))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        what = f"is not YAML: {error.problem or error.context or 'it cannot be read'}"
        if error.problem and error.context:
            what += f" {error.context}"
        raise SiteConfigError((Problem(path, mark.line + 1 if mark else 1, "", what, ""),)) from error
    except (YAMLError, ValueError, RecursionError) as error:
        # ValueError: an impossible date or number; RecursionError: nesting without end.
        what = f"is not YAML: {str(error).splitlines()[0] if str(error) else 'it cannot be read'}"
        raise SiteConfigError((Problem(path, 1, "", what, ""),)) from error


def _explain(path: Path, root: Node, top: allowed.Schema, error: ErrorDetails) -> Problem:
    loc = tuple(step for step in error["loc"] if step != "[key]")
    parent, last = loc[:-1], loc[-1] if loc else ""
    line, found = lines.locate(root, loc)
    given = error["input"]
    quotes = error["type"] not in _QUOTES_NOTHING
    match error["type"]:
        case "missing":
            line, found = lines.locate(root, parent)
            key, what, may = (*found, last), "is missing", allowed.say_allowed(top, loc)
        case "extra_forbidden" | "invalid_key":
            known = allowed.known_keys(top, parent)
            key, what, may = found, _unknown(str(last), known), ", ".join(known)
        case "enum" if error["loc"][-1:] == ("[key]",):
            known = allowed.known_keys(top, parent)
            key, what, may = found, _unknown(str(last), known), ", ".join(known)
        case "union_tag_not_found":
            key, what, may = (*found, "driver"), "is missing", allowed.say_allowed(top, (*loc, "driver"))
        case "union_tag_invalid":
            line, key = lines.locate(root, (*loc, "driver"))
            what = f"{error['ctx']['tag']!r} is not one of the drivers"
            may = allowed.say_allowed(top, (*loc, "driver"))
        case "too_short":
            key, what, may = found, "is empty", allowed.say_allowed(top, loc)
        case "value_error":
            # A default that was checked stands nowhere; of what stands there the driver is no part.
            key, what, may = found if found[-1:] == (last,) else loc, str(error["ctx"]["error"]), ""
        case _:
            key, what, may = found, f"{_show(given)} cannot stand here", allowed.say_allowed(top, loc)
            may = may or error["msg"]
            if error["type"] == "string_type" and isinstance(given, (int, float)) | hasattr(
                given, "isoformat"
            ):
                may += " (put it in quotes)"
    return Problem(path, line, lines.key_name(key), what, may, quotes)


def _unknown(key: str, known: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(key, known, n=1)
    return "is not a known key" + (f", did you mean {near[0]}?" if near else "")


def _show(value: Any) -> str:
    match value:
        case None:
            return "nothing"
        case dict():
            return "a section"
        case list():
            return "a list"
        case bool():
            return str(value).lower()
        case str() if len(value) > _SHOWN:
            return repr(value[:_SHOWN] + "...")
        case _:
            return repr(value) if isinstance(value, str) else str(value)


def _settle(model: Model, folder: Path) -> Model:
    """The model with every relative path in it laid under `folder`."""
    return model.model_copy(
        update={name: _settled(getattr(model, name), folder) for name in type(model).model_fields}
    )


def _settled(value: Any, folder: Path) -> Any:
    match value:
        case Path():
            return value if is_credential(value) else folder / value
        case BaseModel():
            return _settle(value, folder)
        case tuple():
            return tuple(_settled(item, folder) for item in value)
        case _:
            return value
