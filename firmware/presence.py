"""Somebody at the device: what they ask for with the button, or by giving and taking power."""

import asyncio

RESET, WIPE, GIVE_BACK = range(3)  # stages of one press

_TOLD = (
    "button held: let go to reset the board",
    "button held: let go to wipe all settings",
    "button held: everything goes back to the factory",
)


async def wait(identity, led, log):
    """Return what a person asked for: RESET, WIPE or GIVE_BACK."""
    if identity.pins["button"] >= 0:
        return await _held(identity, led, log)
    from firmware.device import power_cycles

    cycles = identity.limits["cycles"]
    rounds = power_cycles.rounds(cycles)
    if not rounds:
        await power_cycles.settle()
        await asyncio.Event().wait()
    log("power cycled", rounds * cycles, "times:", "reset" if rounds == 1 else "wipe")
    return RESET if rounds == 1 else WIPE


def answered(identity, asked):
    """What was asked for is saved: it is not to be asked for again by itself. After a reset by
    power cycles as many more are a wipe, as holding on is with a button."""
    if identity.pins["button"] < 0:
        from firmware.device import power_cycles

        if asked == RESET and identity.limits["wipe_ms"]:
            power_cycles.count_on()
        else:
            power_cycles.forget()


async def _held(identity, led, log):
    from firmware.device.button import Button

    def tell(stage):
        led.hold(stage)
        if stage is not None and stage >= 0:
            log(_TOLD[stage])

    return await Button(identity.pins["button"]).wait_held(stages_ms(identity), tell)


def stages_ms(identity):
    """How long the button is held for each stage that this board has.

    Only a board whose prompt is shut has the last: it opens the prompt, so it leaves no key behind.
    """
    limits = identity.limits
    stages = [limits["hold_ms"]]
    if limits["wipe_ms"]:
        stages.append(limits["wipe_ms"])
        if identity.shut:
            stages.append(2 * limits["wipe_ms"])
    return stages
