"""Life after provisioning: on the network for good, and the user's own program.

A saved network is tried for ever: after a power cut the board may be up long before its
router, and a network that is gone never opens the provisioning window. The pauses grow, and
are of different lengths on different boards, so that a router that comes up after a power cut
is not asked by a whole house in the same second.
"""

import asyncio
import os
import sys

from firmware.device import led as lights
from firmware.provision.record import DEVICE, NETWORKS

_JOIN_MS = 30000
_FIRST_WAIT_S = 1
_LONGEST_WAIT_S = 60


async def operate(record, wifi, led, log, fetch=None):
    """Keep the board on its network and run /app.py, if there is one. Never returns.

    fetch: coroutine function to call once a second while on the network, or None.
    """
    led.show(lights.SEARCHING if record.provisioned else lights.WAITING)
    if not record.provisioned:
        log("waiting to be provisioned: hold the button")
        return
    device = record.settings.get(DEVICE)
    if device is not None:
        wifi.set_host(device["hostname"], device["country"])
    # The program is imported at our first pause, when the radio has taken its memory.
    asyncio.create_task(_run_app(record.settings, log))
    wait_s = _FIRST_WAIT_S
    while True:
        if wifi.connected():
            wait_s = _FIRST_WAIT_S
            if fetch is not None:
                await fetch()  # may try other networks, and leave the board on none
        elif await _join_any(record.settings.get(NETWORKS, []), wifi, log):
            led.show(lights.ONLINE)
            log("on the network:", wifi.address())
        else:
            led.show(lights.SEARCHING)
            pause_ms = _jittered(wait_s * 1000)
            log("no network yet, again in", pause_ms, "ms")
            await asyncio.sleep_ms(pause_ms)
            wait_s = min(2 * wait_s, _LONGEST_WAIT_S)
            continue
        await asyncio.sleep(_FIRST_WAIT_S)


def _jittered(most_ms):
    """Between half of it and all of it."""
    return most_ms // 2 + int.from_bytes(os.urandom(2), "big") * most_ms // 131072


async def _join_any(networks, wifi, log):
    for ssid, key, _, static in networks:
        try:
            joined = await wifi.join(ssid, key, static, _JOIN_MS)
        except (OSError, RuntimeError, MemoryError) as error:  # the driver's; it may pass
            log("joining failed:", type(error).__name__)
            continue
        if joined.address:
            return True
    return False


async def _run_app(settings, log):
    """Run `async def main(settings)` of /app.py, if there is one.

    Whatever it does wrong, from a slip of syntax on, the network is joined and the button works.
    """
    try:
        from app import main

        await main(settings)
        log("/app.py has ended")
    except Exception as error:
        if isinstance(error, ImportError) and "'app'" in str(error):
            log("no /app.py: provisioned and idle")
            return
        log("/app.py failed:")
        sys.print_exception(error)
