"""Whether to seal to the key that a board shows.

A key is vouched for by the caller (the key itself, or its fingerprint), by the board's label,
by a certificate of its manufacturer, or by an earlier meeting. One that nobody vouches for is
taken on the first meeting, with a warning; but not where the caller named a manufacturer: a
false board could leave its certificate out.
"""

from __future__ import annotations

import re

from host_client.certificate import check_device_certificate, read_device_certificate
from host_client.cose_key import decode_public_key
from host_client.errors import UntrustedBoard
from host_client.fingerprint import PREFIX, KeyPin, fingerprint, short
from host_client.known_boards import KnownBoards
from host_client.label import Label
from transports.contract import DERIVED_ID_PREFIX

# An id that is the start of its key's digest: it proves itself, a little (64 bits).
_DERIVED_ID = re.compile(DERIVED_ID_PREFIX + "[0-9a-f]{16}")


class Trust:
    """Who vouches for a key: what the caller was told, or an earlier meeting."""

    def __init__(
        self,
        device_key: str | bytes | None,
        known_boards: KnownBoards,
        *,
        label: Label | None = None,
        manufacturer: bytes | None = None,
    ) -> None:
        """`manufacturer`: its public key, an encoded COSE_Key.

        Raises UntrustedBoard where `device_key` is neither a key nor a fingerprint,
        AuthorityError where `manufacturer` is no key.
        """
        self._pin = None if device_key is None else KeyPin(device_key)
        self._known_boards = known_boards
        self._label = label
        self._manufacturer = manufacturer
        if manufacturer is not None:
            decode_public_key(manufacturer)

    @property
    def is_told(self) -> bool:
        """Whether the caller named somebody who vouches for the board."""
        given = (self._pin, self._label, self._manufacturer)
        return any(one is not None for one in given)

    def check(self, device_id: str, key: bytes, certificate: bytes | None = None) -> bytes:
        """Return the key to seal to. `certificate`: as the board shows it.

        Everybody asked must agree. Raises UntrustedBoard, ChangedKey.
        """
        derived = DERIVED_ID_PREFIX + fingerprint(key).removeprefix(PREFIX)[:16]
        if _DERIVED_ID.fullmatch(device_id) and device_id != derived:
            raise UntrustedBoard(f"the id {device_id} does not belong to the key the board shows")
        certified = self._check_certificate(device_id, key, certificate)
        # `|`, not `or`: each is asked, and any of them may refuse.
        told = self._check_pin(device_id, key) | self._check_label(device_id, key)
        known = self._known_boards.get(device_id)
        if told:
            if known != key:
                self._known_boards.remember(device_id, key)
        elif self._manufacturer is not None and not certified and known is None:
            raise UntrustedBoard(f"board {device_id} shows no certificate of its manufacturer")
        elif certified and known is None:
            self._known_boards.remember(device_id, key)
        else:
            self._known_boards.meet(device_id, key)
        return key

    def _check_certificate(self, device_id: str, key: bytes, certificate: bytes | None) -> bool:
        """Whether the manufacturer vouches. One that does not fit is refused, whoever made it."""
        if certificate is None:
            return False
        if self._manufacturer is None:
            read_device_certificate(certificate).check_subject(device_id, key)
            return False
        check_device_certificate(certificate, self._manufacturer, device_id, key)
        return True

    def _check_pin(self, device_id: str, key: bytes) -> bool:
        if self._pin is None:
            return False
        if not self._pin.matches(key):
            shown = short(fingerprint(key))
            raise UntrustedBoard(f"board {device_id} shows the key {shown}, not the one given")
        return True

    def _check_label(self, device_id: str, key: bytes) -> bool:
        if self._label is None:
            return False
        if device_id != self._label.device_id:
            wrong = UntrustedBoard(
                f"the label is of board {self._label.device_id}, not {device_id}"
            )
            wrong.remedy = "Take the label of this board, or go to the board of this label."
            raise wrong
        if not self._label.matches(key):
            shown = short(fingerprint(key))
            raise UntrustedBoard(f"board {device_id} shows the key {shown}, not the label's")
        return True
