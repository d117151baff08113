"""The one handler behind every transport: a request in, a reply out.

It knows orders, policies and states, and no medium. Errors become a numeric status here
and nowhere else.
"""

from firmware.provision.errors import Refusal
from firmware.provision.ordering import Ordering
from firmware.provision.reply import Reply
from transports import contract as c

SUITES = [c.ALG_HPKE_4, c.ALG_HPKE_3]  # in order of preference


class Handler:
    def __init__(self, board, policy):
        """board: see firmware.board; policy: see firmware.provision.policies."""
        self._board = board
        self._policy = policy
        self._ordering = Ordering(board, policy)
        if policy.note is not None:
            board.log(policy.note)
        self._operations = {
            c.INFO: self._info,
            c.SCAN: self._scan,
            c.PROVISION: self._provision,
            c.STATUS: self._status,
            c.RECEIPT: self._receipt,
            c.IDENTIFY: self._identify,
        }

    async def handle(self, operation, argument, as_json=False):
        """Return the Reply to one request; never raises but for cancellation.

        operation: number of the contract; argument: octets, see PROTOCOL.md.
        """
        try:
            act = self._operations.get(operation)
            if act is None:
                raise Refusal(c.UNKNOWN_OPERATION)
            fields, on_delivered = await act(argument)
            return Reply(fields, as_json, on_delivered)
        except Refusal as refusal:
            status = refusal.status
        except MemoryError:
            status = c.OUT_OF_MEMORY
        except OSError as error:
            self._board.log("store", type(error).__name__)
            status = c.STORE_FAILED
        except Exception as error:  # the last resort: a peer gets a status, never a traceback
            self._board.log("internal error", type(error).__name__)
            status = c.INTERNAL
        return self.refuse(status, as_json)

    def refuse(self, status, as_json=False):
        """Return the Reply to a request that its transport could not read."""
        return Reply({c.F_STATUS: status}, as_json)

    def tick(self, elapsed_ms):
        """Let time pass for the window and the trial."""
        self._board.window.tick(elapsed_ms)
        self._ordering.tick(elapsed_ms)

    def on_change(self, callback):
        """Have callback(compact status octets) called whenever state or step changes."""
        self._ordering.watchers.append(callback)

    def compact_status(self):
        """CDDL `compact-status`: at most 20 octets, so that a notification at MTU 23 holds it."""
        return self._ordering.progress.compact(self.state)

    @property
    def state(self):
        if self._ordering.trying:
            return c.TRYING
        if self._board.window.is_open:
            return c.OPEN
        return c.PROVISIONED if self._board.record.provisioned else c.READY

    @property
    def finished(self):
        """True when this window can bring nothing more: it is shut and nothing is tried."""
        return not self._board.window.is_open and not self._ordering.trying

    @property
    def order_id(self):
        """Of the order that was taken last, or None."""
        return self._ordering.order_id

    @property
    def kept(self):
        """True once an order of this window was kept."""
        return self._ordering.kept

    @property
    def collected(self):
        """True once somebody who knows its order id has fetched the receipt of the kept order."""
        return self._ordering.collected

    async def _info(self, argument):
        board = self._board
        fields = {
            c.F_STATUS: c.OK,
            c.F_PROTOCOL: c.PROTOCOL_VERSION,
            c.F_DEVICE_ID: board.identity.device_id,
            c.F_MODEL: board.identity.model,
            c.F_FIRMWARE: board.firmware,
            c.F_STATE: self.state,
            c.F_POLICY: self._policy.number,
            c.F_PROFILE: board.identity.profile,
            c.F_WINDOW_S: board.window.left_s,
            c.F_ATTEMPTS: board.window.attempts_left,
            c.F_DEVICE_KEY: board.identity.public_key,
            c.F_SUITES: SUITES,
            c.F_TRANSPORTS: board.transports,
            c.F_HOSTNAME: board.hostname,
            c.F_MAX_MESSAGE: c.MAX_MESSAGE,
            c.F_NOTES: board.notes + ([self._policy.note] if self._policy.note else []),
        }
        if board.window.is_open:
            fields[c.F_NONCE] = board.window.nonce
        if self._policy.number == c.FIRST_USE:
            fields[c.F_OWNED] = board.record.owner is not None
        if board.record.sequence not in (None, -1):
            fields[c.F_SEQUENCE] = board.record.sequence
        if board.identity.certificate is not None:
            fields[c.F_CERTIFICATE] = board.identity.certificate
        return fields, None

    async def _scan(self, argument):
        if len(argument) > 1:
            raise Refusal(c.BAD_REQUEST)
        asked = argument[0] if argument else 0
        if asked & c.SCAN_FRESH and self._ordering.trying:
            raise Refusal(c.BUSY)
        page, fresh = asked & ~c.SCAN_FRESH, asked & c.SCAN_FRESH
        found, age_s = self._board.look_around(fresh)
        start = page * c.SCAN_PAGE_LENGTH
        fields = {
            c.F_STATUS: c.OK,
            c.F_NETWORKS: [list(n) for n in found[start : start + c.SCAN_PAGE_LENGTH]],
            c.F_PAGE: page,
            c.F_PAGES: (len(found) + c.SCAN_PAGE_LENGTH - 1) // c.SCAN_PAGE_LENGTH,
            c.F_SCAN_AGE_S: age_s,
        }
        return fields, None

    async def _provision(self, argument):
        on_delivered = await self._ordering.take(argument)
        return {c.F_STATUS: c.ACCEPTED, c.F_STATE: self.state}, on_delivered

    async def _status(self, argument):
        fields = {
            c.F_STATUS: c.OK,
            c.F_STATE: self.state,
            c.F_WINDOW_S: self._board.window.left_s,
        }
        fields.update(self._ordering.report(_order_id(argument)))
        return fields, None

    async def _receipt(self, argument):
        asked_for = _order_id(argument)
        order_id, receipt = self._ordering.find_receipt(asked_for)
        fields = {c.F_STATUS: c.OK, c.F_ORDER_ID: order_id, c.F_RECEIPT: receipt}
        return fields, self._ordering.receipt_delivered(asked_for)

    async def _identify(self, argument):
        if not self._board.window.is_open:
            raise Refusal(c.WINDOW_SHUT)
        self._board.identify()
        return {c.F_STATUS: c.OK}, None


def _order_id(argument):
    """None for an empty argument. Raises Refusal."""
    if argument and len(argument) != c.ORDER_ID_LENGTH:
        raise Refusal(c.BAD_REQUEST)
    return bytes(argument) or None
