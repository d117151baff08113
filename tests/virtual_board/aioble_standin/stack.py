"""What there is one of: the radio, the links, and where its interrupts go."""

import bluetooth

from .link import Device, DeviceConnection

_CONNECTED = 1
_DISCONNECTED = 2
_WRITTEN = 3
_READ = 4
_INDICATED = 20
_MTU = 21


class Stack:
    """The one Bluetooth stack of the board."""

    def __init__(self):
        self.ble = bluetooth.BLE()
        self.links = {}
        self.by_handle = {}
        self.arrived = None
        self.arrival = None
        self.captured = None
        self.ble.irq(self.interrupt)

    def start(self):
        if not self.ble.active():
            self.ble.active(True)

    def interrupt(self, event, data):
        if event == _CONNECTED:
            link = DeviceConnection(self, Device(data[1], bytes(data[2])), data[0])
            self.links[data[0]] = self.arrived = link
            if self.arrival is not None:
                self.arrival.set()
        elif event == _DISCONNECTED:
            link = self.links.get(data[0])
            if link is not None:
                link._gone.set()
        elif event == _MTU:
            if data[0] in self.links:
                self.links[data[0]].mtu = data[1]
        elif event in (_WRITTEN, _READ, _INDICATED):
            characteristic = self.by_handle.get(data[1])
            if characteristic is not None:
                return characteristic._interrupt(event, self.links.get(data[0]), data)
        return None


stack = Stack()
