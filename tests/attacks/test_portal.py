"""The page and the captive portal under attack: foreign names, odd targets, slow readers."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

import cbor2
import pytest

from tests.attacks.own_page import PAGE_FILES, rig_with_page
from tests.attacks.raw_http import RawConnection, send
from tests.attacks.siege import HEAP_SLACK, siege
from tests.attacks.test_http import heap_of
from tests.scenarios.conftest import NewRig
from tests.scenarios.rig import PASSWORD, Rig, settings
from transports import contract as c

LOCATION = b"\r\nLocation: http://192.168.4.1/\r\n"
TARGETS = {"/": "index.html.gz", "/style.css": "style.css.gz", "/page.js": "page.js.gz",
           "/scan.js": "scan.js.gz", "/owner_key.js": "owner_key.js.gz"}  # fmt: skip


@pytest.fixture
def link() -> str:
    return "http"


@pytest.fixture
async def rig(new_rig: NewRig, tmp_path: Path) -> Rig:
    return await rig_with_page(new_rig, tmp_path)


def get(target: str, host: str = "192.168.4.1", method: str = "GET", more: str = "") -> bytes:
    return f"{method} {target} HTTP/1.1\r\nHost: {host}\r\n{more}\r\n".encode("latin-1")


async def load(rig: Rig) -> None:
    """The page as a browser fetches it: the document, then the rest beside each other."""
    names = list(TARGETS)
    answers = [await send(rig, get(names[0]))]
    answers += await asyncio.gather(*(send(rig, get(name)) for name in names[1:]))
    for name, answer in zip(names, answers, strict=True):
        assert answer.status == 200, (name, answer.status)
        assert answer.body == PAGE_FILES[TARGETS[name]], name


async def test_the_page_is_served_whole_and_leaves_nothing(rig: Rig) -> None:
    async with siege(rig):
        await load(rig)
        heap = await heap_of(rig)
        for _ in range(3):
            await load(rig)
        await asyncio.gather(load(rig), load(rig))
        assert await heap.growth() <= HEAP_SLACK


ELSEWHERE = {
    "a name of somebody": get("/", "example.com"),
    "a name that ends like the board's": get("/v1/info", "x.latchkey-1a2b.local"),
    "a name that begins like an address": get("/v1/info", "192.168.4.1.example.com"),
    "an escape": get("/%2e%2e/main.py?q=%00", "ads.example.com"),
    "a query of signs": get("/a?b=[1];c=@d+e", "example.com"),
    "octets that are no UTF-8": get("/\xff\xfe", "example.com"),
    "many cookies": get("/", "example.com", more="Cookie: " + "a=b; " * 700 + "\r\n"),
    "too many headers": get("/", "example.com", more="X: y\r\n" * 100),
    "8 KB of target, and no more": get("/" + "a" * 1900, "example.com"),
    "a probe of this board": get("/generate_204"),
}


async def test_whoever_asks_elsewhere_is_sent_to_the_page(rig: Rig) -> None:
    async with siege(rig):
        for name, octets in ELSEWHERE.items():
            answer = await send(rig, octets)
            assert answer.status == 302 and LOCATION in answer.whole, (name, answer)
            assert len(answer.whole) < 400, name


def post(host: str, path: str, body: bytes) -> bytes:
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/cose\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def test_a_name_that_points_here_hands_over_no_order(rig: Rig) -> None:
    """DNS rebinding: the board's own DNS gives its address to a page of any site."""
    order = rig.offline().data
    async with siege(rig):
        for host in ("evil.example", "192.168.4.1.evil.example", "latchkey-1a2b.evil.example"):
            for path, body in (("/v1/provision", order), ("/v1/identify", b""), ("/", b"")):
                answer = await send(rig, post(host, path, body))
                assert answer.status == 400, (host, path, answer)
                assert cbor2.loads(answer.body) == {c.F_STATUS: c.BAD_REQUEST}
            for method in ("OPTIONS", "PUT", "DELETE", "PATCH"):
                assert (await send(rig, get("/v1/provision", host, method))).status == 400
        assert rig.joined() is None


NOT_THERE = (
    "/../main.py", "/../latchkey/identity", "//main.py", "/firmware/page/page.js.gz", "/main.py",
    "/page.js/../../main.py", "/./page.js", "/page.js.gz", "/firmware/deployed.json", "/~", "/.",
)  # fmt: skip


async def test_no_other_file_is_to_be_had(rig: Rig) -> None:
    async with siege(rig):
        for target in NOT_THERE:
            answer = await send(rig, get(target))
            assert answer.status == 404, (target, answer)
            assert cbor2.loads(answer.body) == {c.F_STATUS: c.UNKNOWN_OPERATION}, target
        for target in ("/%2e%2e/main.py", "/page.js%00", "/\\..\\main.py"):
            assert (await send(rig, get(target))).status == 400, target
        for host in ("a\r\nHost: 192.168.4.1", "192.168.4.1\r\nHost: evil.example"):
            answer = await send(rig, get("/v1/info", host))
            # Two of them: nobody reads the second. A redirect, or a refusal, and no REST.
            assert answer.status in (302, 400), answer


async def test_who_takes_the_page_and_reads_nothing_gives_way(rig: Rig) -> None:
    async with siege(rig):
        held = [await RawConnection.open(rig) for _ in range(4)]
        for connection in held:
            await connection.send(get("/page.js"))
        for _ in range(5):
            assert (await asyncio.wait_for(send(rig, get("/v1/info")), 4)).status == 200
        await asyncio.wait_for(load(rig), 10)
        for connection in held:
            connection.reset()


async def test_those_who_leave_in_the_middle_of_the_page_leave_nothing(rig: Rig) -> None:
    async with siege(rig):
        await load(rig)
        heap = await heap_of(rig)
        proxy = rig.board.wifi.access_point.proxy
        for cut in (1, 300, 1500, 20_000):
            proxy.faults.cut_down = cut
            for target in TARGETS:
                with contextlib.suppress(ConnectionError):
                    assert len((await send(rig, get(target))).whole) <= cut
        proxy.faults.cut_down = None
        await load(rig)
        assert await heap.growth() <= HEAP_SLACK


async def test_background_apps_do_not_end_the_loading_of_the_page(rig: Rig) -> None:
    """A phone that joins a Wi-Fi asks for a dozen things at once."""
    async with siege(rig):
        loading = asyncio.create_task(load(rig))
        asked = 0
        while not loading.done():
            probe = get("/generate_204", "connectivitycheck.gstatic.com")
            assert (await send(rig, probe)).status == 302
            asked += 1
        await loading
        assert asked > 3


async def test_the_page_is_read_while_an_order_is_opened_and_tried(rig: Rig) -> None:
    async with rig.client() as client:
        giving = asyncio.create_task(client.provision(settings()))
        loads = 0
        while not giving.done() and loads < 3:
            with contextlib.suppress(ConnectionError, AssertionError):  # the channel moved
                await load(rig)
                loads += 1
        outcome = await giving
    assert outcome.receipt.verified and loads
    assert not [line for line in rig.board.log if "ended" in line]
    assert PASSWORD not in b"".join(rig.answers)
