"""A board's attributes as Bumble's GATT server wants them, with the values kept by the board."""

from __future__ import annotations

import struct
from collections.abc import Awaitable, Callable
from typing import Any

from bumble import att, core, gatt
from bumble.device import Connection

from tests.virtual_board.wire import READ, WRITE

Value = gatt.Characteristic | gatt.Descriptor
Interrupt = Callable[[int, bytes], Awaitable[bytes]]  # kind, body -> status and value

FLAG_READ = 0x0002
# NimBLE makes no difference between a write and a write without response here.
WRITE_FLAGS = 0x0004 | 0x0008
_PROPERTIES = 0xFF  # the flags in MicroPython's lowest octet are those of the specification


def build_service(entry: list[Any], interrupt: Interrupt) -> tuple[gatt.Service, list[Value]]:
    """A service from [UUID, [[UUID, flags, [[UUID, flags], ...]], ...]], UUIDs little-endian hex.

    Returns it with its values in the order in which the board gets their handles.
    """
    uuid, characteristics = entry
    built = [_characteristic(*one, interrupt) for one in characteristics]
    values: list[Value] = []
    for characteristic, descriptors in built:
        values += [characteristic, *descriptors]
    return gatt.Service(_uuid(uuid), [characteristic for characteristic, _ in built]), values


def _characteristic(
    uuid: str, flags: int, descriptors: list[Any], interrupt: Interrupt
) -> tuple[gatt.Characteristic, list[gatt.Descriptor]]:
    made = [gatt.Descriptor(_uuid(u), _permissions(f), None) for u, f in descriptors]
    for descriptor, (_, its_flags) in zip(made, descriptors, strict=True):
        descriptor.value = _value(descriptor, its_flags, interrupt)
    properties = gatt.Characteristic.Properties(flags & _PROPERTIES)
    characteristic: gatt.Characteristic = gatt.Characteristic(
        _uuid(uuid), properties, _permissions(flags), None, made
    )
    characteristic.value = _value(characteristic, flags, interrupt)
    return characteristic, made


def _value(attribute: Value, flags: int, interrupt: Interrupt) -> att.AttributeValue:
    # Bumble 0.0.236 does not look at the permissions; NimBLE does.
    async def read(connection: Connection) -> bytes:
        if not flags & FLAG_READ:
            raise att.ATT_Error(att.ErrorCode.READ_NOT_PERMITTED, attribute.handle)
        answer = await interrupt(READ, struct.pack("<HH", connection.handle, attribute.handle))
        if answer[0]:
            raise att.ATT_Error(att.ErrorCode(answer[0]), attribute.handle)
        return answer[1:]

    async def write(connection: Connection, value: bytes) -> None:
        if not flags & WRITE_FLAGS:
            raise att.ATT_Error(att.ErrorCode.WRITE_NOT_PERMITTED, attribute.handle)
        head = struct.pack("<HH", connection.handle, attribute.handle)
        await interrupt(WRITE, head + value)

    return att.AttributeValue(read, write)


def _uuid(text: str) -> core.UUID:
    return core.UUID.from_bytes(bytes.fromhex(text))


def _permissions(flags: int) -> att.Attribute.Permissions:
    permissions = att.Attribute.Permissions(0)
    if flags & FLAG_READ:
        permissions |= att.Attribute.Permissions.READABLE
    if flags & WRITE_FLAGS:
        permissions |= att.Attribute.Permissions.WRITEABLE
    return permissions
