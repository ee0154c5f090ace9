"""`gate act`: an officer's act from a terminal, through the console's own door."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gate.cli.hand import Hand
from gate.cli.options import AsJson, SiteFile, site_file
from gate.errors import GateError

if TYPE_CHECKING:
    from gate.cli.booth import Answered, Booth

EXIT_NOT_DONE = 1
EXIT_SILENT = 3
_SECONDED = ("second", "second_password")
_FILLED = {
    "visit": "visit_id",
    "point": "point",
    "mark": "mark",
    "number": "number",
    "cargo": "cargo",
    "call": "call_id",
    "request": "request_id",
    "reason": "reason",
}

Kind = Annotated[
    str, typer.Argument(metavar="KIND", help="The act, as `gate act list` names it; or list, login, logout.")
]
Visit = Annotated[str | None, typer.Option("--visit", metavar="ID", help="The visit it is about.")]
Point = Annotated[str | None, typer.Option("--point", metavar="NAME", help="The lane or other point.")]
Mark = Annotated[
    str | None, typer.Option("--mark", metavar="PLATE", help="The plate as it is on the vehicle.")
]
Number = Annotated[str | None, typer.Option("--number", metavar="N", help="A notification number or code.")]
Cargo = Annotated[str | None, typer.Option("--cargo", metavar="N", help="A cargo declaration's number.")]
Call = Annotated[str | None, typer.Option("--call", metavar="ID", help="The call to acknowledge.")]
Request = Annotated[
    str | None, typer.Option("--request", metavar="ID", help="What another officer asks to agree to.")
]
Reason = Annotated[str | None, typer.Option("--reason", metavar="TEXT", help="Why.")]
Checked = Annotated[
    list[str] | None, typer.Option("--checked", metavar="TEXT", help="What was checked; repeat for more.")
]
Field = Annotated[
    list[str] | None,
    typer.Option(
        "--field", metavar="NAME=VALUE", help="Any other field; JSON, or else text. Repeat for more."
    ),
]
Officer = Annotated[str | None, typer.Option("--officer", metavar="NAME", help="Who acts; else it asks.")]
Second = Annotated[
    str | None, typer.Option("--second", metavar="NAME", help="A second officer here; asks for his password.")
]
AskSecond = Annotated[
    bool, typer.Option("--ask-second", help="Ask another officer to agree at his own screen.")
]
Session = Annotated[
    Path | None,
    typer.Option("--session", metavar="FILE", help="A login kept by `gate act login`, mode 0600."),
]
FromStdin = Annotated[
    bool,
    typer.Option(
        "--password-stdin", help="Read passwords from standard input, a line each, in the order asked."
    ),
]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask before acting on what is seen.")]


def act(
    kind: Kind,
    *,
    visit: Visit = None,
    point: Point = None,
    mark: Mark = None,
    number: Number = None,
    cargo: Cargo = None,
    call: Call = None,
    request: Request = None,
    reason: Reason = None,
    checked: Checked = None,
    field: Field = None,
    officer: Officer = None,
    second: Second = None,
    ask_second: AskSecond = False,
    session: Session = None,
    password_stdin: FromStdin = False,
    yes: Yes = False,
    as_json: AsJson = False,
    config: SiteFile = None,
) -> None:
    """Act as an officer, through the door the console's pages go through: the same login, roles and record.

    KIND `list` shows what may be done now, `login` keeps a login in --session FILE, `logout` ends it.
    A password is never taken from the command line.

    Exit codes: 0 done, 1 not done or refused, 2 wrong usage or configuration, 3 no answer.
    """
    from gate.cli.booth import SilentError

    given = {"visit": visit, "point": point, "mark": mark, "number": number, "cargo": cargo}
    given |= {"call": call, "request": request, "reason": reason}
    fields: dict[str, Any] = {_FILLED[name]: value for name, value in given.items() if value is not None}
    fields |= {"checked": checked} if checked else {}
    fields |= _others(field or ())
    hand = Hand(officer, session, from_stdin=password_stdin)
    try:
        with _booth(config) as (booth, url):
            match kind:
                case "login":
                    hand.keep(booth, url)
                case "logout":
                    hand.forget(booth, url)
                case "list":
                    with hand.logged_in(booth, url) as inside:
                        _show_offers(inside.offers(), as_json=as_json)
                case _:
                    with hand.logged_in(booth, url) as inside:
                        asked = {"act": kind} | fields
                        _do(inside, asked, hand, second, ask_second=ask_second, yes=yes, as_json=as_json)
    except SilentError as error:
        _say_not_done(str(error), as_json=as_json, answered=False)
        raise typer.Exit(EXIT_SILENT) from error
    except GateError as error:
        from gate.errors import ConfigError

        if isinstance(error, ConfigError):
            raise
        _say_not_done(str(error), as_json=as_json)
        raise typer.Exit(EXIT_NOT_DONE) from error


@contextmanager
def _booth(config: Path | None) -> Iterator[tuple[Booth, str]]:
    from gate.certificates.trust import trust_of
    from gate.cli.booth import Booth
    from gate.cli.status import health_url
    from gate.config import load_site

    settings = load_site(site_file(config))
    url = health_url(settings.console).removesuffix("/healthz")
    with Booth(url, trust=trust_of(settings, settings.console)) as booth:
        yield booth, url


def _others(given: list[str] | tuple[()]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for one in given:
        name, sign, value = one.partition("=")
        if not sign or name in (*_SECONDED, "password", "act", "seen"):
            raise typer.BadParameter(f"{name!r}: fields are NAME=VALUE, and passwords are asked for")
        try:
            fields[name] = json.loads(value)
        except ValueError:
            fields[name] = value
    return fields


def _do(
    booth: Booth,
    asked: dict[str, Any],
    hand: Hand,
    second: str | None,
    *,
    ask_second: bool,
    yes: bool,
    as_json: bool,
) -> None:
    looked = booth.look(asked)
    seen = {"seen": looked.body["seen"]} if looked.ok else {}
    if looked.ok and not as_json:
        _show_sight(looked.body)
    if not (yes or as_json or not looked.ok):
        if not sys.stdin.isatty():
            raise typer.BadParameter("no terminal to ask whether it is this one: add --yes")
        typer.confirm("Is it this one?", abort=True, err=True)
    if asked["act"] == "AgreeAsSecond":
        asked |= {"password": hand.password("your account, again")}
    if second is not None:
        asked |= {"second": second, "second_password": hand.password(second)}
    if ask_second:
        asked = {"act": "AskSecond", "asked": asked}
    answer = booth.act(asked | seen)
    _tell(answer, looked, as_json=as_json)


def _tell(answer: Answered, looked: Answered, *, as_json: bool) -> None:
    if as_json:
        told = {"answered": True, "done": answer.ok, "message": answer.message, "status": answer.status}
        told |= {name: True for name in ("needs_second", "stale") if answer.body.get(name)}
        told |= {"sight": looked.body["sight"]} if looked.ok else {}
        typer.echo(json.dumps(told, ensure_ascii=False))
    elif answer.ok:
        typer.echo(answer.message)
    else:
        typer.echo(f"gate act: {answer.message}", err=True)
        if answer.body.get("needs_second"):
            typer.echo("gate act: --second NAME if he is here, --ask-second if he is elsewhere", err=True)
    raise typer.Exit(0 if answer.ok else EXIT_NOT_DONE)


def _show_sight(told: Mapping[str, Any]) -> None:
    sight = told["sight"]
    sure = f" ({sight['confidence']:.0%})" if sight.get("confidence") is not None else ""
    facts = {
        "visit": sight.get("visit_id"),
        "at": sight.get("point"),
        "status": sight.get("status"),
        "plate": sight.get("mark"),
        "read": f"{sight['plate']}{sure}" if sight.get("plate") else None,
        "candidates": ", ".join(told.get("candidates", ())),
        "findings": ", ".join(sight.get("findings", ())),
        "pictures": ", ".join(name[:12] for name in sight.get("evidence", ())),
    }
    for name, value in facts.items():
        if value:
            typer.echo(f"{name:11} {value}", err=True)


def _show_offers(offers: list[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({"offers": offers}, ensure_ascii=False))
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    for heading in ("act", "plate", "point", "visit, call or request"):
        table.add_column(heading)
    for offer in offers:
        about = offer.get("request_id") or offer.get("call_id") or offer.get("visit_id")
        row = (offer["act"], offer.get("plate"), offer.get("point"), about)
        table.add_row(*(Text(str(value or "")) for value in row))
    Console().print(table if offers else "Nothing can be done now, or not by this role.")


def _say_not_done(why: str, *, as_json: bool, answered: bool = True) -> None:
    if as_json:
        typer.echo(json.dumps({"answered": answered, "done": False, "message": why}, ensure_ascii=False))
    else:
        typer.echo(f"gate act: {why}", err=True)
