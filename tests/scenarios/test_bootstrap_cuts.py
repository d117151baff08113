"""The power goes at each flash operation between an order's arrival and its receipt's delivery."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from tests.device.tls_server import Credentials
from tests.scenarios.bootstrap_field import Fetching, Field, the_rest
from tests.scenarios.bootstrap_server import Orders, serving
from tests.scenarios.rig import OTHER_PASSWORD, OTHER_SSID, Saved
from transports import contract as c

SOAK = bool(os.environ.get("LATCHKEY_SOAK"))
ANEW = "bootstrap: starting anew"
# In all there are eighteen: of the mark that a receipt is owed, of the commit, of the mark's end.
EVERY, FIRST = (1, 1) if SOAK else (8, 6)


async def test_an_order_is_kept_and_answered_wherever_the_power_goes(
    fetching: Fetching,
    pinned_key: Credentials,
    tmp_path: Path,
) -> None:
    field = await fetching()
    await field.rig.board.power_cut()
    fresh = tmp_path / "fresh.bin"
    shutil.copyfile(field.rig.board.flash, fresh)
    before, at, cut = await field.rig.saved(), FIRST, True
    while cut:
        for torn in (False, True) if SOAK else (at % 2 == 1,):
            shutil.copyfile(fresh, field.rig.board.flash)
            cut = await cut_at(field, pinned_key, at, torn, before)
        at += EVERY
    assert at > FIRST + EVERY


async def cut_at(
    field: Field,
    pinned_key: Credentials,
    operation: int,
    torn: bool,
    before: Saved,
) -> bool:
    """One life of the board with a cut, and one without; False where it came to no cut."""
    board, orders = field.rig.board, Orders()
    order = orders.add(the_rest(field, (OTHER_SSID, OTHER_PASSWORD)))
    board.faults.cut_power_after, board.faults.torn = operation, torn
    async with serving(orders, pinned_key) as port:
        field.leads_to(port, everywhere=True)
        since = len(field.log)
        await board.power_on()
        await board.until(lambda: is_cut(field, since) or has_begun_anew(field, since), 20, "end")
        cut = is_cut(field, since)
        await board.power_cut()
        board.faults.cut_power_after = None
        saved = await field.rig.saved()
        assert saved == before or saved.order_id == order.order_id.hex()
        if cut:
            since = len(field.log)
            await board.power_on()
            await field.logs("bootstrap: the receipt is delivered", since)
            if saved == before:
                await board.until(lambda: has_begun_anew(field, since), 20, "new start")
            await board.power_cut()
        assert (await field.rig.saved()).order_id == order.order_id.hex()
    # Twice where the cut fell after the server had it.
    assert [one.result for one in orders.receipts] in ([c.OK], [c.OK, c.OK])
    assert all(one.verified and one.order_id == order.order_id for one in orders.receipts)
    return cut


def is_cut(field: Field, since: int) -> bool:
    return not field.rig.board.is_on and not any(ANEW in line for line in field.log[since:])


def has_begun_anew(field: Field, since: int) -> bool:
    """Whether the board has started by itself with the new settings, and is on their network."""
    lines = field.log[since:]
    ends = [number for number, line in enumerate(lines) if ANEW in line]
    return bool(ends) and any("on the network" in line for line in lines[ends[0] :])
