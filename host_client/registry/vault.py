"""The part of the registry that hands out secrets, for proof."""

from __future__ import annotations

from host_client.registry import retrieval
from host_client.registry.devices import check_text
from host_client.registry.errors import NotRegistered, SecretRefused
from host_client.registry.opened import OpenRegistry
from host_client.registry.operator import Operator, OperatorKeys
from host_client.registry.proof import Challenge, SealedCode, prove
from host_client.registry.resealing import Resealed, Resealing
from host_client.registry.retrieval import Enrolled


class Vault(OpenRegistry):
    """Operators, challenges, label codes."""

    def enrol(self, keys: OperatorKeys, hourly_limit: int | None = None) -> None:
        """Let an operator ask for the secrets sealed to it, so many an hour (default 10)."""
        with self._database.writing() as connection:
            self._enrol(connection, keys, hourly_limit)

    def operators(self) -> list[Enrolled]:
        """The operators enrolled."""
        with self._database.reading() as connection:
            return retrieval.enrolled(connection)

    def challenge(self, serial: str, operator: OperatorKeys) -> Challenge:
        """What to sign to get a device's label code. Raises NotRegistered: not enrolled."""
        check_text("serial number", serial)
        with self._database.writing() as connection:
            known = retrieval.find_operator(connection, operator.digest)
            if known is None:
                raise NotRegistered(f"operator {operator.name} is not enrolled in this registry")
            now_ms = self._database.now_ms(connection)
            return retrieval.new_challenge(connection, serial, known, now_ms)

    def secret(self, serial: str, proof: bytes) -> SealedCode:
        """The sealed label code of a device, for a proof; given or refused, it is audited.

        Raises SecretRefused: the proof is none, used, late, another's, or the limit is reached.
        """
        check_text("serial number", serial)
        refused: SecretRefused | None = None
        with self._database.writing() as connection:
            try:
                now_ms = self._database.now_ms(connection)
                found = retrieval.take_code(connection, serial, proof, now_ms)
                detail = {"what": "label code", "device_id": found.device_id}
                self._trail.add(connection, "secret given", serial, detail)
            except SecretRefused as error:
                refused = error
                detail = {"what": "label code", "reason": str(error)}
                self._trail.add(connection, "secret refused", serial, detail)
        if refused is not None:
            raise refused
        return found

    def label_code(self, serial: str, operator: Operator) -> str:
        """The label code of a device: challenge, proof, retrieval and opening in one."""
        challenge = self.challenge(serial, operator.keys)
        return self.secret(serial, prove(challenge, operator)).open(operator)

    def reseal(self, old: Operator, new: OperatorKeys) -> Resealed:
        """Seal to another operator all that is sealed to this one, for good; audited.

        What does not open stays as it is. Raises NotRegistered: `old` is not enrolled.
        """
        with self._database.writing() as connection:
            known = retrieval.find_operator(connection, old.keys.digest)
            if known is None:
                raise NotRegistered(f"operator {old.name} is not enrolled in this registry")
            self._enrol(connection, new, None)
            heir = retrieval.find_operator(connection, new.digest)
            assert heir is not None
            if heir.row == known.row:
                return Resealed(0, 0, 0)
            done = Resealing(connection, old, known.row, new, heir.row).run()
            detail = {"from": old.keys.fingerprint, "to": new.fingerprint,
                      "label_codes": done.label_codes, "left": done.left,
                      "receipt_secrets": done.receipt_secrets}  # fmt: skip
            self._trail.add(connection, "secrets resealed", "", detail)
        return done
