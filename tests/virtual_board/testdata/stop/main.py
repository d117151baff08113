# A test firmware: what aioble does with too many captured writes, after stop(), with append.
import asyncio
import time

import aioble
import bluetooth


def uuid(n):
    return bluetooth.UUID(f"0000bb0{n}-1111-2222-3333-444455556666")


async def life(round_):
    service = aioble.Service(uuid(0))
    captured = aioble.BufferedCharacteristic(
        service, uuid(1), write=True, write_no_response=True, capture=True, max_len=64
    )
    growing = aioble.BufferedCharacteristic(
        service, uuid(2), read=True, write=True, max_len=8, append=True
    )
    unlucky = aioble.Characteristic(service, uuid(3), read=True, initial=b"never")
    unlucky.on_read = lambda connection: 5  # insufficient authentication
    aioble.register_services(service)
    try:
        await aioble.advertise(50_000, name="Stop-0", services=[uuid(0)], timeout_ms=60)
    except asyncio.TimeoutError:
        print("round", round_, "timeout")
    link = await aioble.advertise(50_000, name=f"Stop-{round_}", services=[uuid(0)])
    await growing.written()
    await asyncio.sleep_ms(50)
    print("grown", growing.read(), growing.read())
    await captured.written()
    time.sleep_ms(300)  # more than ten writes come in meanwhile
    kept = []
    try:
        while True:
            kept.append((await captured.written(timeout_ms=100))[1][0])
    except asyncio.TimeoutError:
        print("kept", kept)
    try:
        with link.timeout(50):
            await asyncio.sleep(5)
    except asyncio.TimeoutError:
        print("timed out")
    try:
        with link.timeout(5000):
            await asyncio.sleep(5)
    except aioble.DeviceDisconnectedError:
        print("left", link.is_connected())
    try:
        captured.notify(link)
    except ValueError:
        print("no notify")
    advertising = asyncio.create_task(aioble.advertise(50_000, name="Stop-X"))
    await asyncio.sleep_ms(30)
    advertising.cancel()
    print("cancelled", await advertising)
    aioble.stop()
    print("stopped", round_, aioble.stack.ble.active() if hasattr(aioble, "stack") else False)


async def main():
    for round_ in (1, 2):
        await life(round_)
    print("end")


asyncio.run(main())
