# For those who build MicroPython themselves and freeze Latchkey into it:
#     make BOARD=ESP32_GENERIC FROZEN_MANIFEST=.../firmware/manifest.py
# aioble comes from micropython-lib, which that build knows; microdot is put on the file system
# (mip, or `make deploy`) or frozen with a package() line of your own.
# The functions used here are given by the build (MicroPython's page on manifest files).

include("$(PORT_DIR)/boards/manifest.py")

module("boot.py")
module("main.py")
package("firmware", base_path="..")
package("transports", base_path="..")
require("aioble-peripheral")
require("aioble-server")
