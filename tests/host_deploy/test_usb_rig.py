"""The scenarios' real-board rig, as far as a prompt without radios can show it."""

from host_client.deploy.usb_board import UsbBoard
from tests.scenarios.rig import AUTHORITY
from tests.scenarios.usb_rig import UsbRig


async def test_makes_a_board_anew_and_presses_its_button(board: UsbBoard) -> None:
    first = await UsbRig.make("http", board.port, AUTHORITY.public_key, window_s=60)
    again = await UsbRig.make("ble", board.port, AUTHORITY.public_key)
    assert first.board.factory["device_key"] != again.board.factory["device_key"]
    assert again.url == f"ble://{again.board.ble_name}"
    assert not (await again.saved()).window
    await again.press()
    saved = await again.saved()
    assert saved.window and saved.order_id is None
    assert len(again.secrets) == 3  # two networks' passwords aside: the device's private key
