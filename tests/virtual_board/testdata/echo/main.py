# A test firmware: a GATT echo service, a microdot page, a button and a LED, a Wi-Fi join.
import asyncio
import gc

import aioble
import bluetooth
import machine
import network

SERVICE = bluetooth.UUID("0000aa00-1111-2222-3333-444455556666")


def uuid(n):
    return bluetooth.UUID(f"0000aa0{n}-1111-2222-3333-444455556666")


class Echo:
    def __init__(self):
        service = aioble.Service(SERVICE)
        self.captured = aioble.BufferedCharacteristic(
            service, uuid(1), write=True, write_no_response=True, notify=True,
            capture=True, max_len=512,
        )  # fmt: skip
        self.small = aioble.Characteristic(service, uuid(2), read=True, write=True)
        self.slow = aioble.BufferedCharacteristic(
            service, uuid(3), read=True, write=True, capture=True, max_len=512
        )
        self.many = aioble.Characteristic(service, uuid(4), write=True, notify=True)
        self.indicated = aioble.Characteristic(service, uuid(5), write=True, indicate=True)
        aioble.register_services(service)
        self.small.write(b"start")

    async def captured_task(self):
        while True:
            link, value = await self.captured.written()
            print("captured", len(value), link.device.addr_hex(), link.mtu)
            self.captured.notify(link, value)

    async def slow_task(self):
        import time

        while True:
            _, value = await self.slow.written()
            time.sleep_ms(300)  # the loop stands; the radio does not
            print("slow", len(value))

    async def many_task(self):
        while True:
            link = await self.many.written()
            count = int(self.many.read())
            sent = retried = 0
            while sent < count:
                try:
                    self.many.notify(link, b"%d" % sent)
                    sent += 1
                except OSError as error:
                    if error.errno != 12:
                        raise
                    retried += 1
                    await asyncio.sleep_ms(5)
            print("sent", sent, "retried", retried > 0)

    async def indicated_task(self):
        while True:
            link = await self.indicated.written()
            await self.indicated.indicate(link, b"indicated", timeout_ms=2000)
            print("confirmed")

    async def small_task(self):
        while True:
            await self.small.written()
            print("small", self.small.read())

    async def run(self):
        for task in ("captured", "slow", "many", "small", "indicated"):
            asyncio.create_task(getattr(self, task + "_task")())
        while True:
            link = await aioble.advertise(50_000, name="Echo-1", services=[SERVICE])
            print("connected", link.device.addr_hex())
            asyncio.create_task(self.watch(link))

    async def watch(self, link):
        await link.disconnected()
        print("gone", link.device.addr_hex())


def web():
    from microdot import Microdot

    app = Microdot()

    @app.get("/")
    async def hello(request):
        return "hello"

    @app.post("/size")
    async def size(request):
        return str(len(request.body))

    @app.post("/join")
    async def join(request):
        wlan = network.WLAN(network.WLAN.IF_STA)
        wlan.active(True)
        wlan.config(reconnects=0)
        wlan.disconnect()
        await asyncio.sleep_ms(10)
        ssid, key = request.body.split(b"\n")
        wlan.connect(ssid, key)
        for _ in range(100):
            await asyncio.sleep_ms(20)
            if wlan.status() not in (network.STAT_CONNECTING, network.STAT_IDLE):
                break
        print("status", wlan.status(), wlan.ipconfig("addr4")[0])
        return str(wlan.status())

    @app.get("/scan")
    async def scan(request):
        wlan = network.WLAN(network.WLAN.IF_STA)
        wlan.active(True)
        return repr([(n[0], n[2], n[3], n[4]) for n in wlan.scan()])

    @app.post("/reach")
    async def reach(request):
        host, port = request.body.decode().split(":")
        try:
            _, writer = await asyncio.wait_for(asyncio.open_connection(host, int(port)), 1)
            # MicroPython's open_connection() does not say that it was refused; a write does.
            writer.write(b"\n")
            await writer.drain()
            writer.close()
            return "reached"
        except asyncio.TimeoutError:
            return "silent"
        except OSError as error:
            return f"errno {error.errno}"

    return app


async def datagrams():
    """Sends back what comes to UDP port 53, and the address it came from."""
    import select
    import socket

    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setblocking(False)
    sock.bind(socket.getaddrinfo("0.0.0.0", 53, 0, socket.SOCK_DGRAM)[0][-1])
    poller = select.poll()
    poller.register(sock, select.POLLIN)
    while True:
        await asyncio.sleep_ms(5)
        for _ in poller.ipoll(0):
            data, peer = sock.recvfrom(600)
            sock.sendto(b"%s from %s" % (data, peer[0].encode()), peer)


def counted():
    with open("/count", "ab") as file:
        file.write(b"x")
    with open("/count") as file:
        return len(file.read())


async def main():
    led = machine.Pin(2, machine.Pin.OUT)
    button = machine.Pin(0, machine.Pin.IN, machine.Pin.PULL_UP)
    ap = network.WLAN(network.WLAN.IF_AP)
    ap.active(True)
    ap.config(ssid="Echo-1", security=network.WLAN.SEC_OPEN, channel=1)
    echo = Echo()
    asyncio.create_task(echo.run())
    asyncio.create_task(datagrams())  # first: who finds port 80 may ask port 53
    asyncio.create_task(web().start_server(port=80))
    gc.collect()
    print("up, reset cause", machine.reset_cause(), "heap", gc.mem_alloc())
    while True:
        if button.value() == 0:
            led.on()
            print("pressed")
            while button.value() == 0:
                await asyncio.sleep_ms(5)
            led.off()
            presses = counted()
            print("presses", presses)
            if presses == 3:
                machine.reset()
        await asyncio.sleep_ms(5)


asyncio.run(main())
