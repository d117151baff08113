"""A tree of D-Bus objects, as a service of one well-known name serves it.

It is nearer to the wire than dbus-fast's ServiceInterface, for three things that callers of
BlueZ lean on: a method knows who called it, a caller that leaves the bus is noticed, and
InterfacesAdded and InterfacesRemoved come from the path "/".
"""

from __future__ import annotations

import asyncio
import inspect
import os
from collections.abc import Awaitable, Callable
from typing import Any

from dbus_fast import BusType, Message, MessageType, NameFlag, RequestNameReply, Variant
from dbus_fast.aio import MessageBus

_PROPERTIES = "org.freedesktop.DBus.Properties"
_OBJECT_MANAGER = "org.freedesktop.DBus.ObjectManager"
_BUS = "org.freedesktop.DBus"


class BusError(Exception):
    """What a method answers instead of a result: an error name and its text."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(f"{name}: {text}")
        self.name = name
        self.text = text


class Reply:
    """A method's results with file descriptors, which are closed once they are sent."""

    def __init__(self, signature: str, body: list[Any], unix_fds: list[int]) -> None:
        self.signature = signature
        self.body = body
        self.unix_fds = unix_fds


class Interface:
    """One interface of one object.

    A subclass names itself in `name`, keeps its properties (name: Variant) in `properties`,
    and has a method (plain or coroutine) for each D-Bus method in `methods`, which gives its
    input signature: {"StartDiscovery": ("start_discovery", "")}. It is called with the
    caller's unique name first. None is an empty reply, `Reply` any other.
    """

    name: str
    methods: dict[str, tuple[str, str]] = {}
    writable: frozenset[str] = frozenset()

    def __init__(self, tree: ObjectTree, path: str, properties: dict[str, Variant]) -> None:
        self.tree = tree
        self.path = path
        self.properties = properties

    def change(self, **values: Variant | None) -> None:
        """Set properties (None: take it away) and tell everybody what is different."""
        changed, gone = {}, []
        for name, value in values.items():
            if value is None:
                if self.properties.pop(name, None) is not None:
                    gone.append(name)
            elif self.properties.get(name) != value:
                self.properties[name] = value
                changed[name] = value
        if changed or gone:
            self.announce(changed, gone)

    def announce(self, changed: dict[str, Variant], gone: list[str] | None = None) -> None:
        """Send PropertiesChanged, for values that are the same as before too."""
        self.tree.signal(
            self.path, _PROPERTIES, "PropertiesChanged", "sa{sv}as",
            [self.name, changed, gone or []],
        )  # fmt: skip

    def set_property(self, name: str, value: Variant) -> None:
        """A client sets one of `writable`. Raises BusError."""
        self.change(**{name: value})


class ObjectTree:
    """Serves interfaces under a bus name. `on_client_gone` is told who left the bus."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._objects: dict[str, dict[str, Interface]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.on_client_gone: Callable[[str], None] = lambda client: None

    async def open(self, bus_name: str) -> None:
        """Raises OSError, or RuntimeError when the name is not to be had."""
        self._bus = MessageBus(
            bus_address=self._address, bus_type=BusType.SYSTEM, negotiate_unix_fd=True
        )
        try:
            await self._bus.connect()
            self._bus.add_message_handler(self._on_message)
            rule = f"type='signal',sender='{_BUS}',member='NameOwnerChanged'"
            await self._bus.call(
                Message(_BUS, "/org/freedesktop/DBus", _BUS, "AddMatch", signature="s", body=[rule])
            )
            answer = await self._bus.request_name(bus_name, NameFlag.DO_NOT_QUEUE)
            if answer != RequestNameReply.PRIMARY_OWNER:
                raise RuntimeError(f"{bus_name} is taken on this bus")
        except BaseException:
            self._bus.disconnect()
            raise

    async def close(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._bus.disconnect()
        await self._bus.wait_for_disconnect()

    def add(self, *interfaces: Interface) -> None:
        """Show the interfaces of one object."""
        path = interfaces[0].path
        self._objects.setdefault(path, {}).update({i.name: i for i in interfaces})
        shown = {i.name: i.properties for i in interfaces}
        self.signal("/", _OBJECT_MANAGER, "InterfacesAdded", "oa{sa{sv}}", [path, shown])

    def remove(self, path: str) -> None:
        """Take away an object with all its interfaces."""
        names = list(self._objects.pop(path, {}))
        if names:
            self.signal("/", _OBJECT_MANAGER, "InterfacesRemoved", "oas", [path, names])

    def signal(
        self, path: str, interface: str, member: str, signature: str, body: list[Any]
    ) -> None:
        if self._bus.connected:
            self._send(Message.new_signal(path, interface, member, signature, body))

    def start(self, work: Awaitable[None]) -> asyncio.Task[None]:
        """Run something that ends at the latest when the tree is closed."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _send(self, message: Message) -> asyncio.Future[None]:
        sent = self._bus.send(message)
        sent.add_done_callback(lambda future: future.cancelled() or future.exception())
        return sent

    def _on_message(self, message: Message) -> bool:
        if message.message_type == MessageType.SIGNAL and message.member == "NameOwnerChanged":
            name, _, new_owner = message.body
            if not new_owner and name.startswith(":"):
                self.on_client_gone(name)
            return False
        if message.message_type != MessageType.METHOD_CALL:
            return False
        if message.interface in (f"{_BUS}.Peer", f"{_BUS}.Introspectable"):
            return False  # dbus-fast knows those
        self.start(self._answer(message))
        return True

    async def _answer(self, message: Message) -> None:
        try:
            reply = await self._call(message)
        except BusError as error:
            self._send(Message.new_error(message, error.name, error.text))
            return
        except asyncio.CancelledError:
            raise
        except Exception as error:
            self._send(Message.new_error(message, "org.bluez.Error.Failed", repr(error)))
            raise
        if reply is None:
            reply = Reply("", [], [])
        sent = self._send(
            Message.new_method_return(message, reply.signature, reply.body, reply.unix_fds)
        )
        if reply.unix_fds:
            await sent
            _close(reply.unix_fds)

    async def _call(self, message: Message) -> Reply | None:
        if message.interface == _OBJECT_MANAGER and message.member == "GetManagedObjects":
            return Reply("a{oa{sa{sv}}}", [self._everything()], [])
        interfaces = self._objects.get(message.path or "")
        if interfaces is None:
            raise BusError(f"{_BUS}.Error.UnknownObject", f"no object {message.path}")
        if message.interface == _PROPERTIES:
            return _properties(interfaces, message)
        interface = interfaces.get(message.interface or "")
        method = interface.methods.get(message.member or "") if interface else None
        if method is None or method[1] != message.signature:
            text = f"{message.interface}.{message.member}({message.signature}) is not here"
            raise BusError(f"{_BUS}.Error.UnknownMethod", text)
        result = getattr(interface, method[0])(message.sender, *message.body)
        reply: Reply | None = await result if inspect.isawaitable(result) else result
        return reply

    def _everything(self) -> dict[str, dict[str, dict[str, Variant]]]:
        return {
            path: {name: interface.properties for name, interface in interfaces.items()}
            for path, interfaces in self._objects.items()
        }


def _properties(interfaces: dict[str, Interface], message: Message) -> Reply | None:
    """Get, GetAll and Set of org.freedesktop.DBus.Properties."""
    interface = interfaces.get(message.body[0]) if message.body else None
    if interface is None:
        raise BusError(f"{_BUS}.Error.UnknownInterface", "no such interface")
    if message.member == "GetAll":
        return Reply("a{sv}", [interface.properties], [])
    name = message.body[1]
    if message.member == "Get" and name in interface.properties:
        return Reply("v", [interface.properties[name]], [])
    if message.member == "Set" and name in interface.writable:
        interface.set_property(name, message.body[2])
        return None
    if message.member == "Set" and name in interface.properties:
        raise BusError(f"{_BUS}.Error.PropertyReadOnly", name)
    raise BusError(f"{_BUS}.Error.InvalidArgs", f"no such property: {name}")


def _close(descriptors: list[int]) -> None:
    for descriptor in descriptors:
        os.close(descriptor)
