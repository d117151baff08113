"""A stand-in for micropython-lib's aioble: the peripheral's part of its documented API.

Own code, for machines on which the real library is not installed. It behaves as the real
one is documented and measured to: a characteristic holds 20 bytes unless it is a
BufferedCharacteristic; captured writes of all characteristics share one queue of ten, which
drops the oldest in silence; advertise() ends when one central connects, and returns None
when it is cancelled; stop() forgets the queue, so that services are to be made anew.

There are no central role, pairing, L2CAP or descriptors.
"""

from .advertising import advertise
from .link import ADDR_PUBLIC, ADDR_RANDOM, Device, DeviceDisconnectedError
from .server import (
    BufferedCharacteristic,
    Characteristic,
    GattError,
    Service,
    register_services,
)
from .stack import stack

__all__ = (
    "ADDR_PUBLIC",
    "ADDR_RANDOM",
    "BufferedCharacteristic",
    "Characteristic",
    "Device",
    "DeviceDisconnectedError",
    "GattError",
    "Service",
    "advertise",
    "config",
    "register_services",
    "stop",
)

print("aioble: the stand-in; the real library is not installed")


def config(*args, **kwargs):
    stack.start()
    return stack.ble.config(*args, **kwargs)


def stop():
    """Radio off. Services and characteristics have to be made anew afterwards."""
    stack.ble.active(False)
    stack.by_handle = {}
    stack.arrived = stack.arrival = None
    if stack.captured is not None:
        stack.captured.task.cancel()
        stack.captured = None
