"""What an order acts on, in a window or at the bootstrap server's: where hardware and
provisioning meet. And the handler over it, loaded while memory is in one piece."""

import asyncio

from firmware import VERSION
from firmware.device import memory
from firmware.device.reach import reach


class Board:
    """identity, record, wifi: this board's; window: what is open to orders, provision.window's
    Window or what stands in its place; log: function of words."""

    firmware = VERSION

    def __init__(self, identity, record, window, wifi, log):
        self.identity = identity
        self.record = record
        self.window = window
        self.wifi = wifi
        self.log = log
        self.reach = reach
        self.notes = []  # what a person should know, e.g. that a transport is missing
        self.transports = []

    async def pause(self):
        await asyncio.sleep_ms(0)

    def unix_time(self):
        """What is past for sure, seconds since 1970, or None; see provision/clock.py."""
        return self.record.time_s or None


async def handler_over(board):
    """Import what takes orders, and let it take a made-up one. Raises MemoryError."""
    from firmware.crypto import native
    from firmware.provision import policies
    from firmware.provision.handler import Handler

    native.free_octets = memory.executable_block
    policy = policies.load(board.identity, board.record)
    await policy.rehearse(board.pause)
    return Handler(board, policy)
