"""The errors of the host, each with a stable kind and the exit code of the command line.

    ProvisioningError
    ├── LinkError            a retry may help
    │   ├── LinkTimeout      nothing came back in time
    │   ├── BoardNotFound    no such board in reach
    │   └── OrderForgotten   the board was restarted before the trial ended
    ├── DeadlinePassed       the caller's total time is over
    │   └── OutOfSight       the board took the order, and was not seen again
    ├── Refused              the board answered with a status: nothing was changed
    ├── TrialFailed          the order was proven, its settings did not work: the old ones stay
    ├── BadReply             what came back is not Latchkey's protocol
    ├── UntrustedBoard       nobody vouches for the board's key
    │   └── ChangedKey       a known board shows another key
    ├── BadReceipt           the receipt does not prove what it should
    ├── BadOrder             an order that cannot be built, read or delivered
    │   ├── BadSettings      settings that no board would take
    │   ├── BadLabel         a label, or its code, that is none
    │   └── WrongPolicy      the board's policy takes no order of the form asked for
    ├── MissingExtra         a library that only some commands need is not installed
    └── AuthorityError       the provisioning key is missing or cannot be opened
        ├── PassphraseNeeded
        ├── BadCertificate   an installer's certificate that is none, or not about this key
        └── NotPermitted     the installer's certificate does not cover the order

No message holds a secret: what a person typed is named by its place, never by its value.
"""

from __future__ import annotations

from host_client.remedies import remedy_for
from transports.names import STATUS_NAMES


class ProvisioningError(Exception):
    """Root of everything that this package raises on purpose."""

    kind = "error"
    exit_code = 1
    remedy = ""


class LinkError(ProvisioningError):
    """The link failed. Nothing is known about the board; a retry may help."""

    kind = "link"
    exit_code = 3
    remedy = "Check that the board's window is open and that it is in reach, then try again."


class LinkTimeout(LinkError):
    """The board did not answer in time."""

    kind = "link_timeout"


class BoardNotFound(LinkError):
    """No board of that name or address is in reach."""

    kind = "board_not_found"
    remedy = "Hold the board's button until its light blinks, come closer, and try again."


class OrderForgotten(LinkError):
    """The board does not know an order that it took: it was restarted during the trial."""

    kind = "order_forgotten"
    remedy = "The board kept its old settings. Open the window again and send the order again."


class DeadlinePassed(ProvisioningError):
    """The caller's total deadline is over; the board may still be at work."""

    kind = "deadline"
    exit_code = 11
    remedy = "Ask again with `latchkey status`, or allow more time with --timeout."


class OutOfSight(DeadlinePassed):
    """The board took the order and is out of reach since: dropped, most likely, by its move to
    the channel of the network that it joined. `hostname`: its name on that network, or None."""

    kind = "out_of_sight"

    def __init__(self, order_id: bytes, hostname: str | None, passed: DeadlinePassed) -> None:
        super().__init__(f"the board took the order and was not seen again: {passed}")
        self.order_id = order_id
        self.hostname = hostname
        where = f"http://{hostname}.local" if hostname else "its address there"
        self.remedy = (
            "It goes on by itself. Join the network that the board was given and run "
            f"`latchkey receipt {where} --order {order_id.hex()}` within two minutes; later, open "
            "the board's window and run `latchkey receipt`."
        )


class StatusError(ProvisioningError):
    """Shared by `Refused` and `TrialFailed`: a status of the table, and the raw reason."""

    def __init__(self, status: int, reason: int | str | None = None) -> None:
        self.status = status
        self.name = status_name(status)
        self.reason = reason
        self.remedy = remedy_for(status)
        raw = "" if reason in (None, 0, "") else f", raw reason {reason}"
        super().__init__(f"{self._verb} ({status} {self.name}{raw})")

    _verb = "the board answered with a failure"


class Refused(StatusError):
    """The board refused the request; its settings are what they were."""

    kind = "refused"
    exit_code = 4
    _verb = "the board refused"


class TrialFailed(StatusError):
    """The board took the order, tried the new settings, and went back to the old ones."""

    kind = "trial_failed"
    exit_code = 5
    _verb = "the board tried the settings and they failed"

    def __init__(
        self,
        status: int,
        reason: int | str | None = None,
        *,
        order_id: bytes | None = None,
        proven: bool = False,
    ) -> None:
        """`proven`: the board's receipt says so, and not only its status."""
        super().__init__(status, reason)
        self.order_id = order_id
        self.proven = proven


class BadReply(ProvisioningError):
    """The answer is not of this protocol: another device, another version, or a fault."""

    kind = "bad_reply"
    exit_code = 6
    remedy = "Check that the address is a Latchkey board's, of the same version as this host."


class UntrustedBoard(ProvisioningError):
    """The key that the board shows is not the one expected, or nobody vouches for it."""

    kind = "untrusted_board"
    exit_code = 7
    remedy = "Compare the fingerprint with the board's label and give it with --device-key."


class ChangedKey(UntrustedBoard):
    """A board met before now shows another key: a false board, or one made anew at the factory."""

    kind = "changed_key"
    remedy = (
        "Somebody may be standing in for the board. If it was really made anew at the factory, "
        "forget the old key with `latchkey boards forget`."
    )


class BadReceipt(ProvisioningError):
    """The receipt was not made by the board that opened the order, or is for another order."""

    kind = "bad_receipt"
    exit_code = 8
    remedy = "Do not count the board as provisioned; look at it on the spot and send a new order."


class BadOrder(ProvisioningError):
    """An order cannot be built, read or delivered as asked."""

    kind = "bad_order"
    exit_code = 9


class BadSettings(BadOrder):
    """Settings that no board would take; the message names the place, never the value."""

    kind = "bad_settings"


class BadLabel(BadOrder):
    """A label or label code that is none; the message quotes nothing of it."""

    kind = "bad_label"
    remedy = "Compare it with the board's label; the letters I, L, O and U are in no code."


class WrongPolicy(BadOrder):
    """The board says that it takes orders of another form than the caller is ready to give."""

    kind = "wrong_policy"
    remedy = "Nothing was sent. `latchkey info` shows the board's policy."

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        if remedy:
            self.remedy = remedy


class MissingExtra(ProvisioningError):
    """A library is missing that only some of the commands need."""

    kind = "missing_library"
    exit_code = 16

    def __init__(self, message: str, extra: str) -> None:
        super().__init__(message)
        self.remedy = f"Install it with: pip install 'latchkey[{extra}]'"


class AuthorityError(ProvisioningError):
    """The provisioning key is missing, damaged, or its passphrase is wrong."""

    kind = "authority"
    exit_code = 10


class BadCertificate(AuthorityError):
    """An installer's certificate is damaged, of another authority, or not about this key."""

    kind = "bad_certificate"
    remedy = "Ask who holds the authority for a certificate of your key."


class NotPermitted(AuthorityError):
    """The installer's certificate does not cover the order; nothing was made or sent."""

    kind = "not_permitted"
    remedy = "`latchkey installer show` lists what the certificate allows."


class PassphraseNeeded(AuthorityError):
    """The provisioning key is encrypted and no passphrase was given."""


def status_name(status: int) -> str:
    """The name of a status code, also of one that this version does not know."""
    return STATUS_NAMES.get(status, f"unknown_{status}")
