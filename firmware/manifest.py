# For those who build MicroPython themselves and freeze Latchkey into it:
#     make BOARD=ESP32_GENERIC FROZEN_MANIFEST=.../firmware/manifest.py
# aioble comes from micropython-lib, which that build knows; microdot is put on the file system
# (mip, or `make deploy`) or frozen with a package() line of your own.
# The page for phones (firmware/page) is data, and data cannot be frozen: without it a board says at
# its address that it has none, and everything else works. It goes onto the file system, and into
# /lib: a folder /firmware there would be found before the frozen package of that name.
#     mpremote mkdir :lib + mkdir :lib/firmware + cp -r firmware/page :lib/firmware/
# The functions used here are given by the build (MicroPython's page on manifest files).

include("$(PORT_DIR)/boards/manifest.py")

module("boot.py")
module("main.py")
package("firmware", base_path="..")
package("transports", base_path="..")
require("aioble-peripheral")
require("aioble-server")
