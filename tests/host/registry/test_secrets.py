"""Label codes: sealed, given for proof only, so many an hour, and every request audited."""

from __future__ import annotations

import dataclasses
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from host_client.errors import AuthorityError, PassphraseNeeded
from host_client.label import new_code
from host_client.registry import Operator, OperatorKeys, OperatorStore, Registry, prove
from host_client.registry.errors import BadRow, NotRegistered, SecretRefused
from host_client.registry.ledger import open_secret
from host_client.registry.proof import VALID_MS
from host_client.registry.retrieval import HOUR_MS
from host_client.registry.sealing import BadSeal, seal
from host_client.sign1 import sign1
from tests.host.conftest import PASSPHRASE
from tests.host.registry.conftest import new_device
from tests.host.registry.test_audit import run
from tests.host.registry.test_orders import order_for

CODE = new_code()


@pytest.fixture
def stocked(registry: Registry) -> Registry:
    """A registry with two devices that have label codes, and one that has none."""
    registry.add_device(new_device(1, serial="SN-1", label_code=CODE))
    registry.add_device(new_device(2, serial="SN-2", label_code=new_code()))
    registry.add_device(new_device(3, serial="SN-3"))
    return registry


def last_entry(registry: Registry) -> tuple[str, str, str]:
    entry = list(registry.audit(newest=1))[0]
    return entry.action, entry.subject, entry.detail.get("reason", "")


def test_an_operator_gets_a_code_back(stocked: Registry, operator: Operator) -> None:
    challenge = stocked.challenge("SN-1", operator.keys)
    sealed = stocked.secret("SN-1", prove(challenge, operator))
    assert sealed.open(operator) == CODE
    assert last_entry(stocked) == ("secret given", "SN-1", "")
    assert CODE not in repr(sealed) + repr(challenge)


def test_the_database_holds_no_code(tmp_path: Path, operator: Operator) -> None:
    path = tmp_path / "registry.db"
    with Registry(f"sqlite:///{path}", operator=operator.keys, create=True) as registry:
        registry.add_device(new_device(label_code=CODE))
        written = b"".join(file.read_bytes() for file in tmp_path.glob("registry.db*"))
    assert b"kettle-0001" in written
    assert CODE.encode() not in written
    assert CODE[:20].encode() not in written


def test_a_proof_is_good_once(stocked: Registry, operator: Operator) -> None:
    proof = prove(stocked.challenge("SN-1", operator.keys), operator)
    stocked.secret("SN-1", proof)
    with pytest.raises(SecretRefused, match="used before"):
        stocked.secret("SN-1", proof)
    assert last_entry(stocked)[0] == "secret refused"


def test_a_proof_is_for_one_device(stocked: Registry, operator: Operator) -> None:
    proof = prove(stocked.challenge("SN-1", operator.keys), operator)
    with pytest.raises(SecretRefused, match="another device"):
        stocked.secret("SN-2", proof)
    assert last_entry(stocked) == ("secret refused", "SN-2", "the proof is for another device")
    assert stocked.secret("SN-1", proof).open(operator) == CODE


def test_a_proof_is_of_the_operator(stocked: Registry, operator: Operator) -> None:
    challenge = stocked.challenge("SN-1", operator.keys)
    stranger = Operator.generate("keeper")
    as_order = sign1(challenge.statement(), operator.authority, b"latchkey/1 order")
    changed = dataclasses.replace(challenge, issued_ms=challenge.issued_ms + 1)
    never_issued = dataclasses.replace(challenge, nonce=bytes(32))
    good = prove(challenge, operator)
    for proof in (
        prove(challenge, stranger), as_order, prove(changed, operator),
        prove(never_issued, operator), b"", bytes(600), challenge.statement(),
        good[:-1] + bytes([good[-1] ^ 1]),
    ):  # fmt: skip
        with pytest.raises(SecretRefused):
            stocked.secret("SN-1", proof)
        assert last_entry(stocked)[0] == "secret refused"
    # None of them counted against the operator or spent the challenge.
    assert stocked.secret("SN-1", good).open(operator) == CODE


def test_a_proof_comes_in_time(stocked: Registry, operator: Operator, url: str) -> None:
    proof = prove(stocked.challenge("SN-1", operator.keys), operator)
    early = prove(stocked.challenge("SN-2", operator.keys), operator)
    # Ages one of them; its time is signed, so the proof must fail either way.
    run(url, f"UPDATE challenge SET issued_ms = issued_ms - {VALID_MS + 1} WHERE serial = 'SN-1'")
    with pytest.raises(SecretRefused):
        stocked.secret("SN-1", proof)
    stocked.secret("SN-2", early)


def test_a_late_proof_is_refused(
    stocked: Registry, operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    proof = prove(stocked.challenge("SN-1", operator.keys), operator)
    now_ms = time.time_ns() // 1_000_000
    monkeypatch.setattr(type(stocked._database), "now_ms",
                        lambda self, connection: now_ms + VALID_MS + 60_000)  # fmt: skip
    with pytest.raises(SecretRefused, match="too late"):
        stocked.secret("SN-1", proof)


def test_so_many_an_hour_and_no_more(stocked: Registry, operator: Operator, url: str) -> None:
    stocked.enrol(operator.keys, hourly_limit=3)
    for _ in range(3):
        assert stocked.label_code("SN-1", operator) == CODE
    with pytest.raises(SecretRefused, match="3 secrets within an hour") as refused:
        stocked.label_code("SN-1", operator)
    assert "in 60 minutes" in refused.value.remedy
    assert last_entry(stocked)[0] == "secret refused"
    run(url, f"UPDATE retrieval SET at_ms = at_ms - {HOUR_MS - 60_000}")
    with pytest.raises(SecretRefused):
        stocked.label_code("SN-1", operator)
    run(url, "UPDATE retrieval SET at_ms = at_ms - 60001")
    assert stocked.label_code("SN-1", operator) == CODE
    # A clock that was put back makes no room: what lies ahead counts.
    run(url, f"UPDATE retrieval SET at_ms = at_ms + {5 * HOUR_MS}")
    with pytest.raises(SecretRefused):
        stocked.label_code("SN-1", operator)


def test_each_operator_has_a_limit_of_its_own(stocked: Registry, operator: Operator) -> None:
    other = Operator.generate("other")
    stocked.enrol(other.keys, hourly_limit=0)
    with pytest.raises(SecretRefused, match="within an hour"):
        stocked.label_code("SN-1", other)
    assert stocked.label_code("SN-1", operator) == CODE
    limits = {o.keys.name: o.hourly_limit for o in stocked.operators()}
    assert limits == {"keeper": 10, "other": 0}
    with pytest.raises(BadRow):
        stocked.enrol(other.keys, hourly_limit=-1)


def test_asking_for_what_is_not_there_counts_as_well(stocked: Registry, operator: Operator) -> None:
    stocked.enrol(operator.keys, hourly_limit=2)
    for serial in ("SN-3", "no-such"):
        with pytest.raises(SecretRefused, match="no label code"):
            stocked.label_code(serial, operator)
    with pytest.raises(SecretRefused, match="within an hour"):
        stocked.label_code("SN-1", operator)


def test_a_code_opens_for_its_operator_and_device_only(
    stocked: Registry, operator: Operator
) -> None:
    def sealed_code(serial: str) -> object:
        return stocked.secret(serial, prove(stocked.challenge(serial, operator.keys), operator))

    one, two = sealed_code("SN-1"), sealed_code("SN-2")
    with pytest.raises(BadSeal):
        one.open(Operator.generate("other"))  # type: ignore[attr-defined]
    for swapped in (
        dataclasses.replace(one, sealed=two.sealed),  # type: ignore[type-var, attr-defined]
        dataclasses.replace(one, public_key=bytes(32)),  # type: ignore[type-var]
        dataclasses.replace(one, sealed=one.sealed[:-1] + b"x"),  # type: ignore[type-var, attr-defined]
        dataclasses.replace(one, sealed=b""),  # type: ignore[type-var]
    ):
        with pytest.raises(BadSeal):
            swapped.open(operator)


def test_a_stranger_is_not_challenged(stocked: Registry) -> None:
    with pytest.raises(NotRegistered, match="not enrolled"):
        stocked.challenge("SN-1", Operator.generate("stranger").keys)


def test_old_challenges_and_counts_are_forgotten(
    stocked: Registry, operator: Operator, url: str
) -> None:
    stocked.label_code("SN-1", operator)
    run(url, f"UPDATE challenge SET issued_ms = issued_ms - {25 * HOUR_MS}",
        f"UPDATE retrieval SET at_ms = at_ms - {25 * HOUR_MS}")  # fmt: skip
    stocked.challenge("SN-1", operator.keys)
    with stocked._database.reading() as connection:
        for table, left in (("challenge", 1), ("retrieval", 0)):
            count = connection.execute(sa.text(f"SELECT count(*) FROM {table}")).scalar()
            assert count == left


def test_everything_is_resealed_to_another_operator(
    stocked: Registry, operator: Operator, url: str
) -> None:
    heir, order = Operator.generate("heir"), order_for()
    stocked.record_order(order)
    run(url, "UPDATE label_code SET sealed = (SELECT sealed FROM label_code WHERE device = 1) "
        "WHERE device = 2")  # fmt: skip
    done = stocked.reseal(operator, heir.keys)
    assert (done.label_codes, done.receipt_secrets, done.left) == (1, 1, 1)
    assert stocked.label_code("SN-1", heir) == CODE
    with pytest.raises(SecretRefused, match="no label code"):
        stocked.label_code("SN-1", operator)
    with pytest.raises(SecretRefused):
        stocked.label_code("SN-2", heir)
    (kept,) = stocked.orders()
    assert open_secret(kept, heir) == order.secret
    assert "secrets resealed" in [entry.action for entry in stocked.audit()]
    assert stocked.reseal(heir, heir.keys).label_codes == 0
    with pytest.raises(NotRegistered):
        stocked.reseal(Operator.generate("stranger"), heir.keys)


def test_a_code_that_the_other_operator_has_already_stays(
    stocked: Registry, operator: Operator, url: str
) -> None:
    heir = Operator.generate("heir")
    stocked.reseal(operator, heir.keys)
    # As it is after an import of a file in which the code was sealed to the first one.
    run(url, "INSERT INTO label_code SELECT device, 1, sealed FROM label_code WHERE device = 1")
    assert stocked.reseal(operator, heir.keys).left == 1
    assert stocked.label_code("SN-1", heir) == CODE


def test_an_unusable_sealing_key_is_refused() -> None:
    with pytest.raises(BadSeal):
        seal(b"x", bytes(32), ("label code",))
    with pytest.raises(AuthorityError):
        OperatorKeys("x", Operator.generate("x").keys.signing_key, b"short")


def test_operators_are_kept_under_a_passphrase(home: Path) -> None:
    store, made = OperatorStore(), Operator.generate("keeper")
    path = store.save(made, PASSPHRASE)
    assert (path.stat().st_mode & 0o777, path.parent.name) == (0o600, "operators")
    assert path.read_bytes().count(b"BEGIN ENCRYPTED PRIVATE KEY") == 2
    assert store.load("keeper", PASSPHRASE).keys == made.keys == store.keys("keeper")
    assert store.only() == made.keys
    with pytest.raises(PassphraseNeeded):
        store.load("keeper", None)
    with pytest.raises(AuthorityError, match="wrong passphrase"):
        store.load("keeper", "another " + PASSPHRASE)
    with pytest.raises(AuthorityError, match="already"):
        store.save(Operator.generate("keeper"), PASSPHRASE)
    with pytest.raises(AuthorityError, match="at least 8"):
        store.save(Operator.generate("short"), "short")
    assert store.names() == ["keeper"]
    store.save(Operator.generate("second"), PASSPHRASE)
    assert store.only() is None
    path.write_bytes(path.read_bytes()[:300])
    with pytest.raises(AuthorityError, match="damaged"):
        store.load("keeper", PASSPHRASE)
