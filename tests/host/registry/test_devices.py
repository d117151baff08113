"""Devices in the registry: added once, found again, never contradicted. On both databases."""

from __future__ import annotations

import secrets

import pytest

from host_client.label import key_fingerprint, new_code
from host_client.registry import NewDevice, Operator, Registry
from host_client.registry.errors import BadRow, NotRegistered, RegistryConflict
from host_client.registry.registry import MAX_WRONG
from tests.host.registry.conftest import new_device


def test_a_device_is_found_by_whatever_names_it(registry: Registry) -> None:
    new = new_device(
        serial="SN-1", model="kettle", group="kitchen", batch="b1", certificate=b"cert", policy=1,
        profile=2, made_ms=5,
    )  # fmt: skip
    added = registry.add_device(new)
    assert (added.serial, added.device_id, added.public_key) == ("SN-1", "kettle-0001",
                                                                 new.public_key)  # fmt: skip
    assert (added.model, added.group, added.batch) == ("kettle", "kitchen", "b1")
    assert (added.certificate, added.policy_name, added.profile_name) == (b"cert", "label",
                                                                          "prototype")  # fmt: skip
    assert added.made_ms == 5
    assert added.added_ms > 1_700_000_000_000
    assert registry.device("SN-1") == added
    assert registry.device(device_id="kettle-0001") == added
    assert registry.device(fingerprint=added.fingerprint) == added
    assert registry.device(fingerprint=added.fingerprint[:39]) == added
    assert registry.device(fingerprint=key_fingerprint(new.public_key)) == added
    for text in ("SN-1", "kettle-0001", added.fingerprint, key_fingerprint(new.public_key)):
        assert registry.find(text) == added
    assert registry.find("SN-2") is None
    assert registry.device(fingerprint=key_fingerprint(secrets.token_bytes(32))) is None


def test_the_serial_number_is_the_device_id_where_there_is_none(registry: Registry) -> None:
    assert registry.add_device(new_device()).serial == "kettle-0001"
    assert registry.device("kettle-0001") is not None


def test_the_same_again_changes_nothing(registry: Registry) -> None:
    new = new_device(serial="SN-1", batch="b1")
    added = registry.add_device(new)
    entries = len(list(registry.audit()))
    again = NewDevice(new.device_id, new.public_key, batch="b2", model="other")
    assert registry.add_device(again) == registry.add_device(new) == added
    assert registry.count() == 1
    assert len(list(registry.audit())) == entries


def test_what_lacked_is_added_and_nothing_is_overwritten(
    registry: Registry, operator: Operator
) -> None:
    new = new_device()
    assert registry.add_device(new).certificate is None
    code, other = new_code(), new_code()
    key = new.public_key
    done = registry.add_device(NewDevice(new.device_id, key, certificate=b"1", label_code=code))
    assert (done.certificate, done.has_label_code) == (b"1", True)
    again = NewDevice(new.device_id, key, certificate=b"2", label_code=other)
    assert registry.add_device(again).certificate == b"1"
    assert registry.label_code(done.serial, operator) == code


def test_refuses_what_contradicts(registry: Registry) -> None:
    first = registry.add_device(new_device(1, serial="SN-1"))
    registry.add_device(new_device(2, serial="SN-2"))
    for new, message in (
        (new_device(1, serial="SN-1"), "another key"),
        (new_device(1, public_key=first.public_key, serial="SN-9"), "serial number SN-1"),
        (new_device(3, serial="SN-2"), "taken by device kettle-0002"),
        (new_device(3, public_key=first.public_key), "key is that of device kettle-0001"),
    ):
        with pytest.raises(RegistryConflict, match=message):
            registry.add_device(new)
    assert registry.count() == 2


@pytest.mark.parametrize(
    "values",
    [
        {"device_id": ""}, {"device_id": "a b"}, {"device_id": "x" * 33}, {"device_id": "a\x00"},
        {"serial": ""}, {"serial": " x"}, {"serial": "a\nb"}, {"serial": "é" * 33},
        {"serial": "\ud800"}, {"model": "a\tb"}, {"group": "x" * 65}, {"batch": "\x1b[31m"},
        {"public_key": b"short"}, {"certificate": b""}, {"certificate": bytes(1025)},
        {"policy": 4}, {"policy": -1}, {"profile": 3}, {"made_ms": -1}, {"made_ms": 1 << 53},
        {"label_code": "AAAA-BBBB"},
    ],
)  # fmt: skip
def test_refuses_values_that_no_registry_takes(file_url: str, values: dict[str, object]) -> None:
    with Registry(file_url) as registry:
        with pytest.raises(BadRow) as refused:
            registry.add_device(new_device(**values))  # type: ignore[arg-type]
        assert "AAAA" not in str(refused.value)
        assert registry.count() == 0


def test_a_label_code_needs_an_operator(url: str) -> None:
    with Registry(url) as registry:
        with pytest.raises(NotRegistered, match="no operator") as refused:
            registry.add_device(new_device(label_code=new_code()))
        assert "operator new" in refused.value.remedy
        assert registry.count() == 0


def test_many_are_added_or_none(registry: Registry) -> None:
    many = [new_device(number, batch="tray") for number in range(1203)]
    told: list[int] = []
    added = registry.add_devices(many, source="list", on_progress=told.append)
    assert (added.new, added.known, added.completed) == (1203, 0, 0)
    assert told == [500, 1000, 1203]
    assert [d.device_id for d in registry.batch("tray")] == [d.device_id for d in many]
    again = registry.add_devices([*many[:7], new_device(5000)])
    assert (again.new, again.known) == (1, 7)
    with pytest.raises(BadRow) as refused:
        registry.add_devices([new_device(6000), new_device(1), *many[:2], new_device(policy=9)])
    assert [place for place, _ in refused.value.rows] == [2, 5]
    assert registry.device("kettle-6000") is None
    last = list(registry.audit())[-1]
    assert (last.action, last.detail["new"], last.detail["known"]) == ("devices added", 1, 7)


def test_the_same_twice_in_one_go_is_one_device(registry: Registry) -> None:
    new, code = new_device(), new_code()
    twin = NewDevice(new.device_id, new.public_key, certificate=b"c", label_code=code)
    added = registry.add_devices([new, twin, twin])
    assert (added.new, added.known) == (1, 2)
    found = registry.device(new.device_id)
    assert found is not None
    assert (found.certificate, found.has_label_code) == (b"c", True)


def test_a_list_of_nothing_but_errors_is_told_in_part(registry: Registry) -> None:
    with pytest.raises(BadRow) as refused:
        registry.add_devices(new_device(n, policy=9) for n in range(5000))
    assert MAX_WRONG <= len(refused.value.rows) <= 500


def test_no_repr_shows_a_label_code(operator: Operator) -> None:
    code = new_code()
    assert code not in repr(new_device(label_code=code))
    assert "PRIVATE" not in repr(operator)
