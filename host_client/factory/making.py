"""One board, from its key to its label, in an order that any cut may break off.

    1  the board makes its key, and keeps it                     (made once, on the board)
    2  code, serial number and certificate go into the journal   (made once, on this computer)
    3  the registry takes the board, its code sealed
    4  the board writes its factory record                       (written once)
    5  the label is drawn, and the journal forgets the board

Whatever was done is found again by the next run: by the board's key in the journal, or by what
the board itself says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from host_client.authority import Authority
from host_client.certificate import check_device_certificate, make_device_certificate
from host_client.deploy.errors import UsbError
from host_client.errors import UntrustedBoard
from host_client.factory.errors import FactoryError, ForeignBoard
from host_client.factory.journal import Begun, Journal
from host_client.factory.plan import Plan
from host_client.factory.report import BoardReport
from host_client.factory.serials import Serials
from host_client.label import Label, label_key, new_code

MADE, FINISHED, KNOWN, ADOPTED = "made", "finished", "known", "adopted"


class Step(Protocol):
    """The board at a port: see usb_step.UsbStep."""

    def begin(self) -> BoardReport: ...
    def write(self, values: Mapping[str, Any]) -> BoardReport: ...


class Register(Protocol):
    """Where boards are recorded: see registration.Registration."""

    def holds(self, device_id: str) -> bool: ...
    def has_serial(self, serial: str) -> bool: ...
    def record(self, board: Begun, plan: Plan) -> None:
        """Record a board and its code; the same again changes nothing."""

    def done(self, board: Begun) -> None:
        """The board has its factory record."""


class Printer(Protocol):
    """Where labels go: see label_files.LabelFiles."""

    def put(self, label: Label, board: Begun) -> tuple[str, ...]: ...
    def there(self, device_id: str) -> tuple[str, ...]: ...


@dataclass(frozen=True)
class Line:
    """What makes boards: the same for every board of a run."""

    plan: Plan
    manufacturer: Authority | None  # none: boards get no certificate
    register: Register | None
    journal: Journal
    serials: Serials
    printer: Printer
    label_host: str


@dataclass(frozen=True)
class Made:
    """A board that has all it needs. outcome: made; finished, which was begun before; known,
    which was done before; adopted, which was done and not recorded. labels: files.
    label: for the terminal; its repr shows no code."""

    outcome: str
    report: BoardReport
    serial: str | None
    labels: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    label: Label | None = field(default=None, repr=False)


def make(step: Step, line: Line) -> Made:
    """Make the board at hand, or recognise it. Raises ProvisioningError; then run it again."""
    report = step.begin()
    if report.written:
        return _recognise(report, line)
    begun = line.journal.find(report.device_key)
    outcome = MADE if begun is None else FINISHED
    if begun is None:
        begun = _begin(report, line)
        line.journal.keep(begun)
    elif begun.model != line.plan.model:
        raise FactoryError(
            f"board {begun.device_id} was begun as model {begun.model}: finish it as that"
        )
    if line.register is not None:
        line.register.record(begun, line.plan)
    written = step.write(_values(begun, line.plan))
    _check_written(written, begun)
    return _finish(outcome, written, begun, line)


def _begin(report: BoardReport, line: Line) -> Begun:
    """Choose what is the board's own. None of it leaves this computer before it is kept."""
    if line.register is not None and line.register.holds(report.device_id):
        raise FactoryError(
            f"board {report.device_id} is in the registry and was begun on another computer: "
            "finish it there"
        )
    serial = _free_serial(line)
    certificate = None
    if line.manufacturer is not None:
        certificate = make_device_certificate(
            line.manufacturer, report.device_id, report.device_key, line.plan.model, serial
        )
    code = new_code() if line.plan.needs_code else None
    return Begun(
        report.device_id, report.device_key, line.plan.model, serial, certificate, code
    )  # fmt: skip


def _free_serial(line: Line) -> str:
    under_way = {entry.serial for entry in line.journal.entries()}
    while True:
        serial = line.serials.next()
        taken = line.register is not None and line.register.has_serial(serial)
        if serial not in under_way and not taken:
            return serial


def _values(begun: Begun, plan: Plan) -> dict[str, Any]:
    return plan.values() | {
        "device_key": begun.device_key,
        "certificate": begun.certificate,
        "serial": begun.serial,
        "label_key": label_key(begun.code, begun.device_id) if begun.code else None,
    }


def _check_written(report: BoardReport, begun: Begun) -> None:
    """What the board read back from its flash is what it was given. Raises UsbError."""
    said = (report.written, report.device_id, report.device_key, report.certificate,
            report.serial, report.has_label_key)  # fmt: skip
    meant = (True, begun.device_id, begun.device_key, begun.certificate, begun.serial,
             begun.code is not None)  # fmt: skip
    if said != meant:
        raise UsbError("the board did not keep what it was given")


def _finish(outcome: str, report: BoardReport, begun: Begun, line: Line) -> Made:
    label = Label.for_board(
        begun.device_id, begun.device_key, begun.code, line.plan.transports(), line.label_host
    )
    files = line.printer.put(label, begun)
    if line.register is not None:
        line.register.done(begun)
    line.journal.drop(begun)
    return Made(outcome, report, begun.serial, files, line.plan.differences(report), label)


def _recognise(report: BoardReport, line: Line) -> Made:
    """A board that has its factory record: finish what a cut left, or say what it is."""
    _check_ours(report, line)
    begun = line.journal.find(report.device_key)
    if begun is not None:
        _check_written(report, begun)
        if line.register is not None:
            line.register.record(begun, line.plan)
        return _finish(FINISHED, report, begun, line)
    notes = line.plan.differences(report)
    if line.register is None or line.register.holds(report.device_id):
        files = line.printer.there(report.device_id)
        return Made(KNOWN, report, report.serial, files, notes)
    line.register.record(_of_report(report), line.plan)
    if report.has_label_key:
        notes = (*notes, "its label code is not known here: only its label tells it")
    return Made(ADOPTED, report, report.serial, (), notes)


def _check_ours(report: BoardReport, line: Line) -> None:
    """Raises ForeignBoard."""
    if line.manufacturer is None:
        if report.authority != line.plan.authority:
            raise ForeignBoard("the board was made before, for another authority")
        return
    if report.certificate is None:
        raise ForeignBoard("the board was made before, without a certificate")
    try:
        check_device_certificate(
            report.certificate, line.manufacturer.public_key, report.device_id, report.device_key
        )
    except UntrustedBoard as error:
        raise ForeignBoard(f"the board was made before: {error}") from error


def _of_report(report: BoardReport) -> Begun:
    if report.serial is None:
        raise ForeignBoard("the board was made before, without a serial number: it is registered "
                           "by none")  # fmt: skip
    model = str(report.facts.get("model", ""))
    return Begun(report.device_id, report.device_key, model, report.serial, report.certificate)
