"""The command that draws a label again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from host_client.cli import factory_options as options
from host_client.cli.execution import execute
from host_client.cli.options import AsJson, PassphraseFile, Verbose
from host_client.cli.output import Output
from host_client.cli.secret_input import PASSPHRASE_VARIABLE, ask, given_passphrase
from host_client.cli.tray_view import show_label
from host_client.errors import AuthorityError, PassphraseNeeded
from host_client.factory.label_files import LabelFiles
from host_client.label import DEFAULT_HOST

if TYPE_CHECKING:
    from host_client.registry import Device, Operator, Registry


def label(
    which: options.Which,
    registry: options.RegistryUrl = None,
    operator: options.OperatorName = None,
    passphrase_file: PassphraseFile = None,
    without_code: options.WithoutCode = False,
    labels: options.LabelFolder = None,
    label_host: options.LabelHost = DEFAULT_HOST,
    show: options.ShowLabel = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Draw a board's label again.

    Its code is in the registry, sealed to an operator's key. To have it back is proven with that
    key, counted, and written in the audit trail.
    """

    async def work(out: Output) -> dict[str, Any]:
        # Imported here: the other commands do not need the registry's libraries.
        from host_client.factory import reprint
        from host_client.registry import OperatorStore, Registry

        keys = None if operator is None else OperatorStore().keys(operator)
        with Registry(registry, operator=keys, actor="factory") as opened:
            board = reprint.find(opened, which)
            code = None if without_code else _code(opened, board, passphrase_file)
            drawn, files = reprint.draw(board, code, label_host, LabelFiles(labels))
            opened.note("label drawn", board.serial, {"code": int(code is not None)})
        out.facts(board.device_id, [("serial", board.serial), *(("label", f) for f in files)])
        if out.out.is_terminal if show is None else show:
            show_label(out, drawn)
        return {"device_id": board.device_id, "serial": board.serial, "labels": list(files),
                "has_code": code is not None}  # fmt: skip

    execute("factory label", work, as_json=as_json, verbose=verbose)


def _code(registry: Registry, board: Device, passphrase_file: Path | None) -> str | None:
    if not board.has_label_code:
        return None
    if registry.operator is None:
        raise AuthorityError("which operator's key is the code sealed to? --operator NAME")
    return registry.label_code(board.serial, _operator(registry.operator.name, passphrase_file))


def _operator(name: str, passphrase_file: Path | None) -> Operator:
    from host_client.registry import OperatorStore

    passphrase = given_passphrase(passphrase_file) or ask(
        f"Passphrase of operator {name}",
        f"give --passphrase-file, or set {PASSPHRASE_VARIABLE}",
        PassphraseNeeded,
    )
    return OperatorStore().load(name, passphrase)
