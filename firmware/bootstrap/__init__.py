"""The next order, fetched from the server whose public key the factory gave this board."""


def fetching(identity, record, wifi, log):
    """Return a coroutine function, to be called now and then while the board is on its network.

    What it needs is imported at its first call, when the radio has taken its memory.
    """
    loaded = []

    async def fetch():
        if not loaded:
            from firmware.device import memory

            try:
                with memory.Packed():
                    from firmware.bootstrap.loop import Bootstrap

                    loaded.append(Bootstrap(identity, record, wifi, log))
            except MemoryError:
                log("bootstrap: memory is short, nothing is fetched before the next start")
                loaded.append(None)
        if loaded[0] is not None:
            await loaded[0].turn()

    return fetch
