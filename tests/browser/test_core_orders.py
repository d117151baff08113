"""Orders that core/order.ts seals: the board's code admits them, on both interpreters, as it does
the host's own, claim for claim; cwt opens them; and no board takes another's form."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cbor2
import cwt
import pytest

from host_client import label
from host_client.order import seal_order
from tests.browser.node import Node, NodeError
from tests.browser.sealing_in_node import (
    CODE,
    FORMS,
    HOST_SETTINGS,
    NONCE,
    OWNER,
    SETTINGS,
    TARGET,
    seal,
)
from tests.device.admit_file import admit_all
from tests.device.interpreter import MISSING, find_micropython, run_micropython
from tests.vectors import make_orders, order_cases
from tests.vectors.policy_cases import BOARD
from transports import contract as c

SUITES = (c.ALG_HPKE_3, c.ALG_HPKE_4)
SAME = {"nonce": NONCE.hex(), "sequence": 7}


def admit(made: list[tuple[str, dict[str, Any]]]) -> list[list[Any]]:
    """[status, claims in hex] of each (order in hex, board), on CPython."""
    results: list[list[Any]] = admit_all(file_of(made))
    return results


def file_of(made: list[tuple[str, dict[str, Any]]]) -> dict[str, Any]:
    orders = [{"order": octets, "board": board} for octets, board in made]
    keys = {**make_orders.keys(), "board": BOARD, "nonce": NONCE.hex()}
    return {"keys": keys, "orders": orders}


@pytest.mark.parametrize("form", FORMS)
def test_has_the_claims_that_the_host_would_write(core: Node, form: str) -> None:
    """Byte by byte, where order id and time are the same."""
    _, proof, board = FORMS[form]
    host = seal_order(HOST_SETTINGS, TARGET, proof, nonce=NONCE, sequence=7)
    ((status, claims),) = admit([(host.data.hex(), board)])
    assert status == c.OK
    issued = cbor2.loads(bytes.fromhex(claims))[c.CLAIM_ISSUED]
    sealed = seal(core, form, **SAME, order_id=host.order_id.hex(), issued=issued)
    assert admit([(sealed["order"], board)]) == [[c.OK, claims]]
    assert len(sealed["order"]) == len(host.data.hex())
    assert sealed["order_id"] == host.order_id.hex() and sealed["networks"] == host.networks


def test_opens_on_micropython_in_every_form_and_suite(core: Node, tmp_path: Path) -> None:
    if find_micropython() is None:
        pytest.skip(MISSING)
    made = [
        (seal(core, form, suite, **SAME), board)
        for form, (_, _, board) in FORMS.items()
        for suite in SUITES
    ]
    file = file_of([(sealed["order"], board) for sealed, board in made])
    path = tmp_path / "orders.json"
    path.write_text(json.dumps(file))
    done = run_micropython(["tests/device/admit_file.py", str(path)], 60)
    assert done.returncode == 0, done.stdout.decode()
    results = json.loads(done.stdout)
    assert [status for status, _ in results] == [c.OK] * 10
    assert results == admit_all(file)
    for (sealed, _), (_, claims) in zip(made, results, strict=True):
        assert sealed["order_id"] in claims


@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize("form", FORMS)
def test_cwt_opens_it(core: Node, form: str, suite: int) -> None:
    """Somebody else's COSE and HPKE, and a signature that holds."""
    sealed = seal(core, form, suite, **SAME)
    board = FORMS[form][2]
    private = {1: 1, 3: suite, -1: 4, -2: TARGET.device_key, -4: order_cases.DEVICE.secret}
    psk = bytes.fromhex(board["label_key"]) if form == "label" else None
    message = cwt.COSE.new().decode(
        bytes.fromhex(sealed["order"]), cwt.COSEKey.new(private),
        external_aad=c.ORDER_CONTEXT, hpke_psk=psk,
    )  # fmt: skip
    if "owner" in FORMS[form][0] and form != "first-use":
        key = {**cbor2.loads(OWNER.public_key), 3: c.ALG_EDDSA}
        message = cwt.COSE.new().decode(
            message, cwt.COSEKey.new(key), external_aad=c.ORDER_CONTEXT
        )  # fmt: skip
        claims = cbor2.loads(message)
    else:
        unsigned = cbor2.loads(message)
        assert unsigned.tag == 601
        claims = unsigned.value
    assert claims[c.CLAIM_NONCE] == NONCE and claims[c.CLAIM_SUITE] == suite


def test_no_board_takes_an_order_of_another_form(core: Node) -> None:
    boards = {form: board for form, (_, _, board) in FORMS.items()}
    # An owner's board takes what its authority's would: the same key signed.
    same = {("owner", "authority"), ("authority", "owner")}
    pairs = [
        (form, other)
        for form in FORMS
        for other in FORMS
        if form != other and (form, other) not in same
    ]
    made = [(seal(core, form, **SAME)["order"], boards[other]) for form, other in pairs]
    statuses = {pair: status for pair, (status, _) in zip(pairs, admit(made), strict=True)}
    # An unsigned order is one that `open` and `first-use` understand, and may not grant.
    forbidden = {pair for pair, status in statuses.items() if status == c.FORBIDDEN}
    assert forbidden == {("first-use", "anybody"), ("anybody", "first-use")}
    rest = {status for pair, status in statuses.items() if pair not in forbidden}
    assert rest == {c.NOT_AUTHENTIC}


def test_of_another_window_is_stale_and_without_one_must_be_newer(core: Node) -> None:
    _, _, board = FORMS["anybody"]
    made = [
        (seal(core, "anybody", nonce=bytes(16).hex())["order"], board),
        (seal(core, "anybody", sequence=8)["order"], {**board, "sequence": 7}),
        (seal(core, "anybody", sequence=7)["order"], {**board, "sequence": 7}),
        (seal(core, "anybody")["order"], {**board, "sequence": 1_700_000_000_000}),
    ]
    assert [status for status, _ in admit(made)] == [c.STALE, c.OK, c.STALE, c.OK]


def test_two_orders_have_nothing_in_common(core: Node) -> None:
    one, other = (seal(core, "anybody", **SAME) for _ in range(2))
    for name in ("order_id", "receipt_key", "digest", "order"):
        assert one[name] != other[name]


def test_a_label_code_opens_one_board_only(core: Node) -> None:
    board = {**FORMS["label"][2], "label_key": label.label_key(CODE, "LK-0002").hex()}
    assert admit([(seal(core, "label", **SAME)["order"], board)]) == [[c.NOT_AUTHENTIC, ""]]


@pytest.mark.parametrize("key", ["00" * 32, "01" + "00" * 31, "09" * 31, "09" * 33])
def test_seals_to_no_key_that_is_none(core: Node, key: str) -> None:
    with pytest.raises(NodeError, match="board-key"):
        seal(core, "anybody", device_key=key)


def test_an_order_too_long_for_a_board_is_not_made(core: Node) -> None:
    owner = {**SETTINGS, "trust": {"owner": "00" * 9000}}
    with pytest.raises(NodeError, match="order-length"):
        seal(core, "anybody", settings=owner)
