"""The command line: a thin face over the public names."""

from __future__ import annotations

import re
import sys
from collections import Counter
from typing import Annotated, Any, Final

import typer
from typer.core import TyperCommand, TyperOption

from iopdir.cli.act import site, what_if
from iopdir.cli.care import eligibility
from iopdir.cli.changes import diff
from iopdir.cli.find import list_, near
from iopdir.cli.hand import export
from iopdir.cli.listings import check, data
from iopdir.cli.measure import gaps
from iopdir.cli.pages import finder, report
from iopdir.cli.printing import as_options, err, out, plain
from iopdir.cli.snapshots import fetch, store
from iopdir.errors import IopdirError
from iopdir.progress import show_progress
from iopdir.vocabulary.crisis import IN_CRISIS

__all__ = ["app", "main"]

_POINT: Final = re.compile(r"-\d+(\.\d*)?\s*[,\s]\s*[+-]?\d")
"""How 'latitude, longitude' begins south of the equator; an id may begin with a dash and a digit too."""


class Command(TyperCommand):
    """A command that says so when an option that means one thing is given twice, instead of taking the last."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 - of the click inside typer
        _, _, given = self.make_parser(ctx).parse_args(args=list(args))
        for option, times in Counter(given).items():
            if isinstance(option, TyperOption) and times > 1 and not (option.multiple or option.is_flag):
                raise typer.BadParameter(f"given {times} times, and it takes one", ctx=ctx, param=option)
        return super().parse_args(ctx, args)


app = typer.Typer(
    rich_markup_mode=None,
    help="Who can reach intensive outpatient care? Find it, list it, measure the gaps.",
    epilog=IN_CRISIS,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
for command in (near, gaps, site, diff, check, eligibility, data, report, finder, export):
    app.command()(command)
app.command(name="list")(list_)
app.command(name="what-if")(what_if)
app.add_typer(fetch, name="fetch", short_help=str(fetch.info.help))
app.add_typer(store, name="store")
for known in (*app.registered_commands, *fetch.registered_commands, *store.registered_commands):
    known.cls = Command
    known.short_help = (
        known.callback.__doc__ if known.callback else None
    )  # else lists of commands cut it short


def _version(asked: bool) -> None:  # noqa: FBT001 - as typer calls it
    if asked:
        from iopdir.provenance import package_version

        out.print(package_version(), highlight=False)
        raise typer.Exit


@app.callback()
def root(
    context: typer.Context,
    *,
    version: Annotated[  # noqa: ARG001 - its callback has acted on it
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Who can reach intensive outpatient care? Find it, list it, measure the gaps."""
    context.with_resource(show_progress())


def main() -> None:
    """Run a command; say errors in one line, without a traceback."""
    words = [
        f" {word}" if _POINT.match(word) else word for word in sys.argv[1:]
    ]  # -14.3, -170.7 is no option
    try:
        app(words)
    except IopdirError as error:
        err.print(f"[red]error:[/red] {plain(as_options(str(error)))}", highlight=False, soft_wrap=True)
        sys.exit(1)
    except BrokenPipeError:  # the reader of a pipe closed it, as `head` does
        sys.stderr.close()
