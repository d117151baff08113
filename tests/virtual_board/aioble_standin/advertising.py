"""Advertising until a central connects."""

import asyncio
import struct

from .link import within
from .stack import stack

_PACKET_LIMIT = 31
_UUID_LIST_TYPES = {2: 0x03, 4: 0x05, 16: 0x07}


async def advertise(
    interval_us,
    adv_data=None,
    resp_data=None,
    connectable=True,
    limited_disc=False,
    br_edr=False,
    name=None,
    services=None,
    appearance=0,
    manufacturer=None,
    timeout_ms=None,
):
    """Until a central connects; returns its DeviceConnection, None if cancelled.

    Raises asyncio.TimeoutError when `timeout_ms` have passed.
    """
    stack.start()
    if not adv_data and not resp_data:
        flags = (1 if limited_disc else 2) | (0x18 if br_edr else 4)
        adv_data, resp_data = _packets(flags, name, services, appearance, manufacturer)
    stack.arrival = stack.arrival or asyncio.ThreadSafeFlag()
    stack.ble.gap_advertise(
        interval_us, adv_data=adv_data, resp_data=resp_data, connectable=connectable
    )
    try:
        await within(stack.arrival.wait(), timeout_ms)
    except asyncio.CancelledError:
        stack.ble.gap_advertise(None)
        return None
    except asyncio.TimeoutError:
        stack.ble.gap_advertise(None)
        raise
    link, stack.arrived = stack.arrived, None
    link._task = asyncio.create_task(link._watch())
    return link


def _packets(flags, name, services, appearance, manufacturer):
    fields = [(0x01, bytes((flags,)))]
    for length, kind in _UUID_LIST_TYPES.items():
        found = [bytes(uuid) for uuid in services or () if len(bytes(uuid)) == length]
        if found:
            fields.append((kind, b"".join(found)))
    if name:
        fields.append((0x09, name.encode() if isinstance(name, str) else name))
    if appearance:
        fields.append((0x19, struct.pack("<H", appearance)))
    if manufacturer:
        fields.append((0xFF, struct.pack("<H", manufacturer[0]) + manufacturer[1]))
    packets = [bytearray(), bytearray()]
    for kind, value in fields:
        field = struct.pack("BB", len(value) + 1, kind) + value
        for packet in packets:
            if len(packet) + len(field) < _PACKET_LIMIT:
                packet += field
                break
        else:
            raise ValueError("Advertising payload too long")
    return packets[0], packets[1] or None
