"""What a chip's eFuses mean for a board, and which of them can be burned without breaking it.

Only two things are offered. MicroPython as it is distributed has no bootloader for flash
encryption or secure boot: burning their fuses would leave a board that never starts again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from host_client.factory.efuses import Fuse, Fuses
from host_client.factory.errors import FactoryError

OPEN, SHUT, WEAK = "open", "shut", "weak"

# What to burn for what, by the names that the families of chips have for it.
JTAG = ("JTAG_DISABLE", "HARD_DIS_JTAG", "DIS_PAD_JTAG", "DIS_USB_JTAG")
DOWNLOAD = ("UART_DOWNLOAD_DIS", "DIS_DOWNLOAD_MODE")
STEPS = {"jtag": JTAG, "download": DOWNLOAD}
CONSEQUENCES = {
    "jtag": "No debugger will ever attach again, yours neither.",
    "download": "esptool will never reach this chip again: no flashing, no reading out, no "
    "repair by cable, and this command cannot look at it any more. Files still change over the "
    "prompt, unless the plan shut it. Do this last.",
}
_ESP32_REVISION = 3  # of the ESP32: the first whose download mode can be burned away


@dataclass(frozen=True)
class Finding:
    """One way in: whether it is open, and what that means."""

    topic: str
    state: str
    text: str


@dataclass(frozen=True)
class Burn:
    """What would be burned for one step; nothing where it was done before."""

    step: str
    fuses: tuple[str, ...]
    consequence: str


def explain(fuses: Fuses) -> tuple[Finding, ...]:
    """Each way in, from the outside to the inside. Raises FactoryError for an unknown chip."""
    if not any(fuses.has(name) for name in DOWNLOAD):
        raise FactoryError("this is no chip whose fuses are known here")
    return (_prompt(), _download(fuses), _jtag(fuses), _encryption(fuses), _secure_boot(fuses))


def _prompt() -> Finding:
    return Finding(
        "prompt",
        WEAK,
        "Whoever reaches MicroPython's prompt over the cable reads every file, the device key "
        "included. No fuse shuts it; `shut = true` in the plan does, in software.",
    )


def _download(fuses: Fuses) -> Finding:
    if any(fuses.raw(name) for name in DOWNLOAD):
        return Finding(
            "download mode",
            SHUT,
            "The chip's own loader is off: the flash is read or written only by taking it off.",
        )
    secure = " (Secure Download Mode is on: it still reads and writes the flash.)"
    return Finding(
        "download mode",
        OPEN,
        "A cable and esptool read out and rewrite the whole flash: the device key, Wi-Fi "
        "passwords, the label key." + (secure if fuses.raw("ENABLE_SECURITY_DOWNLOAD") else ""),
    )


def _jtag(fuses: Fuses) -> Finding:
    known = [name for name in JTAG if fuses.has(name)]
    burned = [name for name in known if fuses.raw(name)]
    if known and len(burned) == len(known):
        return Finding("JTAG", SHUT, "No debugger attaches.")
    state = WEAK if burned or fuses.raw("SOFT_DIS_JTAG") else OPEN
    return Finding(
        "JTAG", state, "A debugger on the JTAG pins or on USB reads memory while the board runs."
    )


def _encryption(fuses: Fuses) -> Finding:
    # Odd numbers of burned bits turn it on (ESP-IDF, "Flash Encryption").
    count = fuses.raw("SPI_BOOT_CRYPT_CNT", "FLASH_CRYPT_CNT").bit_count()
    if count % 2:
        return Finding("flash encryption", SHUT, "On: what is read out of the flash is no use.")
    return Finding(
        "flash encryption",
        OPEN,
        "Off: who takes the flash chip off, or clips onto it, reads everything. MicroPython as it "
        "is distributed cannot run with it; it takes an ESP-IDF build of your own. Not offered.",
    )


def _secure_boot(fuses: Fuses) -> Finding:
    if any(fuses.raw(name) for name in ("SECURE_BOOT_EN", "ABS_DONE_0", "ABS_DONE_1")):
        return Finding("secure boot", SHUT, "On: only signed bootloaders and firmware start.")
    return Finding(
        "secure boot",
        OPEN,
        "Off: who can write the flash can put other firmware there. MicroPython as it is "
        "distributed is not signed; it takes a build of your own. Not offered.",
    )


def plan_burns(fuses: Fuses, steps: Sequence[str]) -> tuple[Burn, ...]:
    """What would be burned for these steps, the download mode last. Raises FactoryError."""
    unknown = [step for step in steps if step not in STEPS]
    if unknown:
        raise FactoryError(f"what can be burned is {' and '.join(STEPS)}, not {unknown[0]}")
    burns = []
    for step in (name for name in STEPS if name in steps):
        fields = [fuses[name] for name in STEPS[step] if fuses.has(name)]
        if not fields:
            raise FactoryError(f"this chip has no fuse against {step}")
        left = tuple(field.name for field in fields if not field.raw)
        _check_burnable(fuses, [fuses[name] for name in left])
        burns.append(Burn(step, left, CONSEQUENCES[step]))
    return tuple(burns)


def _check_burnable(fuses: Fuses, fields: Sequence[Fuse]) -> None:
    for field in fields:
        if field.bits != 1 or not field.can_burn:
            raise FactoryError(f"{field.name} is write-protected: it stays as it is")
        revision = fuses.raw("WAFER_VERSION_MAJOR")
        if field.name == "UART_DOWNLOAD_DIS" and revision < _ESP32_REVISION:
            raise FactoryError(
                f"an ESP32 of revision {revision} cannot be shut so: revision 3 and later can"
            )
