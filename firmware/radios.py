"""Starting the radios of a window, with what memory there is, and the transports on them.

Radios first, application after: on a small ESP32 they get the memory they need only before
Python's heap has grown. Where it does not suffice for both, the board carries on with one
transport and says so, in its log and in its descriptor.
"""

import gc

from firmware.device import memory
from transports.contract import NAME_PREFIX, PROTOTYPE


def raise_radios(board):
    """Start what memory allows. Returns functions that import and build the transports.

    Wi-Fi first: joining the order's networks needs it, whatever the order comes over. The
    prototype profile has no other.
    """
    name = NAME_PREFIX + board.identity.suffix
    builders = []
    if _fits(board, "wifi_ap", memory.WIFI_NEEDS):
        try:
            board.saw(board.wifi.start_point(name))
            builders.append(lambda: _wifi_ap(board))
        except (OSError, RuntimeError) as error:
            board.note("wifi_ap left out: the radio did not start: %s" % error)
    if board.identity.profile == PROTOTYPE:
        return builders
    if builders and board.window.one_transport:
        board.note("ble_gatt left out: memory is short")
    elif _fits(board, "ble_gatt", memory.BLE_NEEDS):
        try:
            from transports import ble_gatt

            ble_gatt.start_radio()
            builders.append(lambda: ble_gatt.BleGatt(name))
        except (OSError, ImportError, MemoryError) as error:
            board.note("ble_gatt left out: the radio did not start: %s" % error)
    return builders


def build(board, builders):
    """Import and build the transports; those that do not fit are noted and left out.

    Wi-Fi last: the page comes with it, and is the first to go where there is too little for all.
    """
    running = []
    for make in reversed(builders):
        gc.collect()
        try:
            transport = make()
        except (MemoryError, ImportError) as error:
            board.note("a transport is left out: %s" % type(error).__name__)
            continue
        running.insert(0, transport)
        board.transports.insert(0, transport.name)
    return running


def _fits(board, transport, needed):
    largest = memory.largest_block()
    if largest >= needed:
        return True
    board.note("%s left out: largest free block %d, needed %d" % (transport, largest, needed))
    return False


def _wifi_ap(board):
    from transports.hosts import Hosts
    from transports.wifi_ap import WifiAp

    is_neighbor, short = board.wifi.is_neighbor, "memory is short"
    if memory.python_heap()[1] >= memory.ORDER_NEEDS + memory.PAGE_NEEDS:
        try:
            from transports.dns import Dns
            from transports.portal import Portal

            address = board.wifi.point_address()
            portal = Portal(board.hostname, address)
            return WifiAp(is_neighbor, portal, Dns(address, is_neighbor, board.note))
        except (MemoryError, ImportError) as error:
            short = type(error).__name__
    board.note("the page is left out: " + short)
    return WifiAp(is_neighbor, Hosts(board.hostname))
