"""Running one command: logging, errors, exit codes, Ctrl-C."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Callable, Coroutine
from typing import Any

import typer
from rich.highlighter import NullHighlighter
from rich.logging import RichHandler

from host_client.cli.output import Output, clean
from host_client.errors import ProvisioningError

INTERRUPTED = 130  # 128 + SIGINT, as shells count

_GOES_ON = "A board that has accepted an order goes on by itself: ask with `latchkey status`."
_GIVES_ORDERS = (
    "provision", "status", "order deliver", "owner transfer", "owner release", "policy tighten",
)  # fmt: skip
_AFTERWARDS = {
    **dict.fromkeys(_GIVES_ORDERS, _GOES_ON),
    "factory init": "Run the same command again: what was begun is finished, nothing made twice.",
}

Work = Callable[[Output], Coroutine[Any, Any, dict[str, Any]]]


def execute(command: str, work: Work, *, as_json: bool, verbose: bool) -> None:
    """Run `work` to its end, print its result or its error, and exit with the right code."""
    output = Output(command, as_json)
    _set_up_logging(output, verbose)
    try:
        result = asyncio.run(work(output))
    except ProvisioningError as error:
        output.fail(error)
        raise typer.Exit(error.exit_code) from None
    except (KeyboardInterrupt, typer.Abort):
        output.fail(_Interrupted(command))
        raise typer.Exit(INTERRUPTED) from None
    except BrokenPipeError:
        sys.stderr.close()  # whoever read us has gone: no complaint about that either
        raise typer.Exit(0) from None
    output.succeed(result)


class _Interrupted(ProvisioningError):
    kind = "interrupted"
    exit_code = INTERRUPTED

    def __init__(self, command: str) -> None:
        super().__init__("interrupted")
        self.remedy = _AFTERWARDS.get(command, "")


class _WarningHandler(logging.Handler):
    """Warnings in the looks of the other notes."""

    def __init__(self, output: Output) -> None:
        super().__init__(logging.WARNING)
        self._output = output

    def emit(self, record: logging.LogRecord) -> None:
        self._output.note(record.getMessage())


class _LogText(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return clean(super().format(record))


def _set_up_logging(output: Output, verbose: bool) -> None:
    """Only our own loggers speak: those of the libraries would log whole messages."""
    log = logging.getLogger("latchkey")
    log.handlers.clear()
    log.propagate = False
    log.setLevel(logging.DEBUG if verbose else logging.WARNING)
    if not verbose:
        log.addHandler(_WarningHandler(output))
        return
    handler = RichHandler(console=output.err, show_path=False, highlighter=NullHighlighter())
    handler.setFormatter(_LogText("%(name)s: %(message)s"))
    log.addHandler(handler)
