"""All commands in one place, and the text that frames their help."""

from __future__ import annotations

import typer

from host_client.cli import (
    authority,
    board,
    boards,
    bootstrap,
    factory,
    installer,
    order,
    owner,
    policy,
    provision,
    registry,
)

_HELP = (
    "Provision ESP32 boards over Wi-Fi or Bluetooth: one order, signed by you, sealed to the "
    "board.\n\nBOARD is an address: [bold]http://192.168.4.1[/] (you are on the board's own Wi-Fi; "
    "the default) or [bold]ble://Latchkey-1A2B[/]."
)

_EPILOG = (
    "[bold]Exit codes[/]  0 done · 1 internal error · 2 usage · 3 link failed, or no board · "
    "4 the board refused · 5 settings tried and failed · 6 not Latchkey's protocol · "
    "7 untrusted board key · 8 receipt proves nothing · 9 bad order or settings · "
    "10 authority key · 11 out of time · 12 USB tools · 13 registry · 14 secret refused · "
    "15 audit trail broken · 16 library missing · 17 factory · 18 bootstrap · "
    "130 interrupted\n\n"
    "[bold]Environment[/]  LATCHKEY_URL (default of BOARD) · LATCHKEY_HOME (keys, known boards) · "
    "LATCHKEY_AUTHORITY · LATCHKEY_PASSPHRASE · LATCHKEY_WIFI_PASSWORD"
)

app = typer.Typer(
    help=_HELP,
    epilog=_EPILOG,
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,  # they would print local variables, secrets among them
    context_settings={"help_option_names": ["-h", "--help"]},
)
board.register(app)
provision.register(app)
app.add_typer(order.app, name="order")
app.add_typer(authority.app, name="authority")
app.add_typer(installer.app, name="installer")
app.add_typer(owner.app, name="owner")
app.add_typer(policy.app, name="policy")
app.add_typer(boards.app, name="boards")
app.add_typer(factory.app, name="factory")
app.add_typer(registry.app, name="registry")
app.add_typer(bootstrap.app, name="bootstrap")
