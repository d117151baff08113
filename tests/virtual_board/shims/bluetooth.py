"""MicroPython's `bluetooth` module (API of 1.24), peripheral role, over the world's radio.

As on the ESP32 (NimBLE): the attribute table lives here, in the board's heap; a
characteristic holds 20 bytes until enlarged; what a central writes beyond that is cut in
silence; its write is acknowledged after the handler has returned; a notification goes to
one connection whether it subscribed or not, is cut to MTU - 3 by the stack, and fails with
ENOMEM when the stack's buffers are full. Central role, pairing and L2CAP are not here.
"""

import binascii
import struct

import _wire
from micropython import const

FLAG_READ = const(0x0002)
FLAG_WRITE_NO_RESPONSE = const(0x0004)
FLAG_WRITE = const(0x0008)
FLAG_NOTIFY = const(0x0010)
FLAG_INDICATE = const(0x0020)

_IRQ_CENTRAL_DISCONNECT = const(2)
_IRQ_GATTS_WRITE = const(3)
_IRQ_GATTS_READ_REQUEST = const(4)
_DEFAULT_LENGTH = const(20)
_ENOMEM = const(12)
_ENODEV = const(19)
_EINVAL = const(22)
_ENOTCONN = const(107)  # as the Unix port numbers it; 128 on the ESP32


class UUID(bytes):
    """A 16, 32 or 128-bit UUID; its bytes are little-endian, as on the air."""

    def __init__(self, value):
        if isinstance(value, int):
            value = struct.pack("<H", value)
        elif isinstance(value, str):
            octets = binascii.unhexlify(value.replace("-", ""))
            if len(octets) != 16:
                raise ValueError("UUID too short")
            value = bytes(reversed(octets))
        if len(value) not in (2, 4, 16):
            raise ValueError("invalid UUID")
        super().__init__(value)

    def __str__(self):
        text = binascii.hexlify(bytes(reversed(bytes(self)))).decode()
        if len(text) == 32:
            text = "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))
            return "UUID('%s')" % text
        return "UUID(0x%s)" % text

    __repr__ = __str__


class _Entry:
    """One value of the attribute table."""

    def __init__(self):
        self.data = bytearray(_DEFAULT_LENGTH)
        self.length = 0
        self.append = False

    def resize(self, length, append):
        self.data = bytearray(length)
        self.length = 0
        self.append = append

    def written_remotely(self, value):
        start = self.length if self.append else 0
        end = min(len(self.data), start + len(value))
        self.data[start:end] = memoryview(value)[: end - start]
        self.length = end

    def write(self, value):
        if len(value) > len(self.data):
            self.data = bytearray(value)
        else:
            self.data[: len(value)] = value
        self.length = len(value)

    def value(self):
        return bytes(memoryview(self.data)[: self.length])


class BLE:
    """The one radio of the board."""

    _only = None

    def __new__(cls):
        if cls._only is None:
            cls._only = object.__new__(cls)
            cls._only._start()
        return cls._only

    def _start(self):
        self._active = False
        self._handler = None
        self._table = {}
        self._connections = set()
        self._room = 0
        _wire.gatt = self

    def active(self, on=None):
        if on is None or bool(on) == self._active:
            return self._active
        if on:
            self._room = _wire.call("ble_on")
        else:
            _wire.call("ble_off")
            self._table = {}
            self._connections = set()
        self._active = bool(on)
        return self._active

    def config(self, *query, **settings):
        if query and not settings:
            self._need()
            value = _wire.call("ble_get", query[0])
            if value is None:
                raise ValueError("unknown config param")
            if query[0] == "mac":
                return value[0], binascii.unhexlify(value[1])
            return value.encode() if query[0] == "gap_name" else value
        for name, value in settings.items():
            if isinstance(value, (bytes, bytearray)):
                value = bytes(value).decode()
            if _wire.call("ble_set", name, value) is None:
                raise ValueError("unknown config param")
        return None

    def irq(self, handler):
        if handler is not None and not callable(handler):
            raise ValueError("invalid handler")
        self._handler = handler

    def gap_advertise(self, interval_us, adv_data=None, *, resp_data=None, connectable=True):
        self._need()
        if interval_us is None:
            _wire.call("ble_advertise", None, None, None, True)
            return
        for data in (adv_data, resp_data):
            if data is not None and len(data) > 31:
                raise OSError(_EINVAL)
        _wire.call("ble_advertise", interval_us, _hex(adv_data), _hex(resp_data), bool(connectable))

    def gap_disconnect(self, conn_handle):
        self._need()
        if conn_handle not in self._connections:
            return False
        _wire.call("ble_disconnect", conn_handle)
        return True

    def gatts_register_services(self, services):
        self._need()
        plan = [
            (_hex(uuid), [_characteristic(*c) for c in characteristics])
            for uuid, characteristics in services
        ]
        handles = _wire.call("ble_services", plan)
        self._table = {handle: _Entry() for group in handles for handle in group}
        return tuple(tuple(group) for group in handles)

    def gatts_read(self, value_handle):
        entry = self._entry(value_handle)
        value = entry.value()
        if entry.append:
            entry.length = 0
        return value

    def gatts_write(self, value_handle, data, send_update=False):
        self._entry(value_handle).write(_octets(data))
        if send_update:
            for conn_handle in _wire.call("ble_subscribers", value_handle):
                self.gatts_notify(conn_handle, value_handle)

    def gatts_set_buffer(self, value_handle, length, append=False):
        self._entry(value_handle).resize(length, append)

    def gatts_notify(self, conn_handle, value_handle, data=None):
        value = self._outgoing(conn_handle, value_handle, data)
        if self._room <= 0:
            raise OSError(_ENOMEM)
        self._room -= 1
        _wire.send_raw(_wire.NOTIFY, 0, struct.pack("<HH", conn_handle, value_handle) + value)

    def gatts_indicate(self, conn_handle, value_handle, data=None):
        value = self._outgoing(conn_handle, value_handle, data)
        _wire.send_raw(_wire.NOTIFY, 1, struct.pack("<HH", conn_handle, value_handle) + value)

    def credit(self, count):
        """The world: so many notifications have left the stack's buffers."""
        self._room += count

    def handle(self, kind, number, body):
        """The world: something came in. Runs in schedule context."""
        if kind == _wire.EVENT:
            event, *data = _unpack(body)
            if event == 1:
                self._connections.add(data[0])
            elif event == _IRQ_CENTRAL_DISCONNECT:
                self._connections.discard(data[0])
            self._tell(event, tuple(data))
            return
        conn_handle, value_handle = struct.unpack("<HH", body)
        if kind == _wire.WRITE:
            self._table[value_handle].written_remotely(memoryview(body)[4:])
            self._tell(_IRQ_GATTS_WRITE, (conn_handle, value_handle))
            _wire.send_raw(_wire.ACK, number, b"\0")
        else:
            status = self._tell(_IRQ_GATTS_READ_REQUEST, (conn_handle, value_handle)) or 0
            value = b"" if status else self._table[value_handle].value()
            _wire.send_raw(_wire.ACK, number, bytes((status,)) + value)

    def _tell(self, event, data):
        if self._handler is None:
            return None
        try:
            return self._handler(event, data)
        except Exception as error:
            # As the port does: report it and never call that handler again.
            print("Unhandled exception in IRQ callback handler")
            _wire.report(error)
            self._handler = None
            return None

    def _need(self):
        if not self._active:
            raise OSError(_ENODEV)

    def _entry(self, value_handle):
        self._need()
        entry = self._table.get(value_handle)
        if entry is None:
            raise OSError(_EINVAL)
        return entry

    def _outgoing(self, conn_handle, value_handle, data):
        entry = self._entry(value_handle)
        if conn_handle not in self._connections:
            raise OSError(_ENOTCONN)
        return entry.value() if data is None else _octets(data)


def _octets(data):
    return data.encode() if isinstance(data, str) else bytes(data)


def _hex(data):
    return None if data is None else binascii.hexlify(bytes(data)).decode()


def _characteristic(uuid, flags, descriptors=()):
    return _hex(uuid), flags, [(_hex(u), f) for u, f in descriptors]


def _unpack(body):
    # Event, conn_handle, then what belongs to it; the address comes as six octets.
    event = body[0]
    if event in (1, _IRQ_CENTRAL_DISCONNECT):
        conn_handle, addr_type = struct.unpack("<HB", body[1:4])
        return event, conn_handle, addr_type, memoryview(body)[4:10]
    return (event,) + struct.unpack("<" + "H" * ((len(body) - 1) // 2), body[1:])
