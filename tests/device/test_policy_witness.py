"""Orders of every policy that others' code makes anew, PyPI's cwt and our host, are admitted on
both interpreters; and those that are not for this board are not."""

import json

import pytest

from host_client import label
from host_client.authority import Authority
from host_client.installer import certify_installer
from host_client.order import Target, seal_order
from host_client.proof import Anybody, FirstUse, LabelCode, SignedBy
from host_client.settings import Settings
from tests.device.admit_file import admit_all
from tests.device.interpreter import MISSING, find_micropython, run_micropython
from tests.vectors import make_orders, order_cases, policy_cases, witness
from tests.vectors.owner_cases import NEW_BOARD
from tests.vectors.policy_cases import INSTALLER, LABEL_BOARD, OPEN_BOARD, P256_INSTALLER
from tests.vectors.sealing import HPKE_3, HPKE_4, dumps, ordered
from transports import contract as c

CPYTHON_ONLY = "needs cwt and the host's libraries"
DEADLINE_S = 60
DEVICE = order_cases.DEVICE.public
CODE = label.new_code()


def admit_on_cpython(data, folder):
    return admit_all(data)


def admit_on_micropython(data, folder):
    if find_micropython() is None:
        pytest.skip(MISSING)
    path = folder / "orders.json"
    path.write_text(json.dumps(data))
    done = run_micropython(["tests/device/admit_file.py", str(path)], DEADLINE_S)
    assert done.returncode == 0, done.stdout.decode()
    return json.loads(done.stdout)


@pytest.fixture(params=[admit_on_cpython, admit_on_micropython])
def admit(request, tmp_path):
    """Function from a list of (octets, board) to the list of [status, claims in hex]."""

    def admit_these(made):
        orders = [{"order": octets.hex(), "board": board} for octets, board in made]
        return request.param({"keys": make_orders.policies()["keys"], "orders": orders}, tmp_path)

    return admit_these


def by_cwt():
    """[(octets, board, claims)]"""
    made = []
    psk, psk_id = order_cases.PSK, order_cases.PSK_ID
    for suite in (HPKE_3, HPKE_4):
        claims = policy_cases.payload(SUITE=suite)
        unsigned = b"\xd9\x02\x59" + claims
        made.append((witness.seal(unsigned, DEVICE, suite, psk, psk_id), LABEL_BOARD, claims))
        made.append((witness.seal(unsigned, DEVICE, suite), OPEN_BOARD, claims))
        for authority in (order_cases.AUTHORITY, order_cases.P256_AUTHORITY):
            board = {"authority": policy_cases.octets_of(authority).hex()}
            for installer in (INSTALLER, P256_INSTALLER):
                limits = {1: "site-a", 2: [c.CLAIM_NETWORKS], 3: 0, 4: c.MAX_SEQUENCE}
                certified = {2: "cwt", 8: {1: installer.cose_key}, c.CLAIM_LIMITS: limits}
                certificate = witness.make_certificate(authority, dumps(ordered(certified)))
                octets = witness.make_order(installer, DEVICE, suite, claims, certificate)
                made.append((octets, board, claims))
    return made


def test_admits_orders_of_cwt(admit):
    made = by_cwt()
    results = admit([(octets, board) for octets, board, _ in made])
    assert results == [[c.OK, claims.hex()] for _, _, claims in made]
    assert len(results) == 12


def host_proofs():
    """[(proof, board that takes it)]"""
    authority = Authority("authority", order_cases.AUTHORITY.private)
    owner = Authority("owner", policy_cases.OWNER.private)
    owned = {**NEW_BOARD, "owner": owner.public_key.hex()}
    labelled = {**LABEL_BOARD, "label_key": label.label_key(CODE, "LK-0001").hex()}
    proofs = [
        (SignedBy(authority), {}),
        (LabelCode(CODE), labelled),
        (FirstUse(owner), NEW_BOARD),
        (SignedBy(owner), owned),
        (Anybody(), OPEN_BOARD),
    ]
    for installer in (INSTALLER, P256_INSTALLER):
        key = Authority("installer", installer.private)
        certificate = certify_installer(
            authority, "An installer", key.public_key, "site-a",
            first_sequence=0, last_sequence=c.MAX_SEQUENCE,
        )  # fmt: skip
        proofs.append((SignedBy(Authority("installer", installer.private, certificate)), {}))
    return proofs


def made_by_host(proof, suite, target=None):
    settings = Settings.model_validate({"networks": [{"ssid": "home", "key": "correct horse"}]})
    target = target or Target("LK-0001", DEVICE)
    return seal_order(settings, target, proof, suite=suite)


def test_admits_orders_of_the_host(admit):
    made = [
        (made_by_host(proof, suite), board)
        for proof, board in host_proofs()
        for suite in (HPKE_3, HPKE_4)
    ]
    results = admit([(order.data, board) for order, board in made])
    assert [status for status, _ in results] == [c.OK] * 14
    for (order, _), (_, claims) in zip(made, results, strict=True):
        assert order.order_id in bytes.fromhex(claims)


def test_no_order_of_the_host_is_good_on_a_board_of_another_policy(admit):
    proofs = host_proofs()
    boards = [board for _, board in proofs[:5]]
    made = [
        (made_by_host(proof, HPKE_4).data, board)
        for number, (proof, _) in enumerate(proofs)
        for place, board in enumerate(boards)
        if place != number and not (number > 4 and place == 0)
    ]
    # An unsigned order is one that `open` and `first-use` understand, and may not grant.
    wrong = {c.NOT_AUTHENTIC, c.FORBIDDEN}
    statuses = [status for status, _ in admit(made)]
    assert set(statuses) == wrong and statuses.count(c.FORBIDDEN) == 2, statuses


def test_the_label_code_is_bound_to_its_board(admit):
    """The key is derived with the device id: one code on two labels opens one board only."""
    board = {**LABEL_BOARD, "label_key": label.label_key(CODE, "LK-0002").hex()}
    order = made_by_host(LabelCode(CODE), HPKE_4).data
    assert admit([(order, board)]) == [[c.NOT_AUTHENTIC, ""]]
