#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures the filter gallery of a wide layer, scrolled end to end by the wheel, and prints the numbers.

  tools/measure-gallery.py MODEL IMAGE LAYER [PROGRAM]

- the main loop: iterations that took longer than 33 ms while it scrolled (CNN_VIZ_TRACE_STALLS)
- after the last turn of the wheel: how long until the picture of the gallery on the screen no longer changes

For instance conv5_block3_3_conv of a ResNet-50, which has 2,048 filters. The load of the machine is printed with them.
"""

import ctypes
import ctypes.util
import os
import pathlib
import re
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "ui"))

from window import Unavailable, Window  # noqa: E402

TURNS = 400


class Screen:
    """Reads pixels without stopping the display for others, as import does: the main loop would wait for that."""

    def __init__(self, window):
        self.size = window.size
        self.x11 = ctypes.CDLL(ctypes.util.find_library("X11"))
        for name in ["XOpenDisplay", "XDefaultRootWindow", "XGetImage"]:
            getattr(self.x11, name).restype = ctypes.c_void_p
        self.display = ctypes.c_void_p(self.x11.XOpenDisplay(window.display.encode()))
        self.root = ctypes.c_void_p(self.x11.XDefaultRootWindow(self.display))

    def picture(self):
        """The lower middle of the screen, where the gallery is, as bytes."""
        width, height = int(self.size[0] * 0.35), 150
        image = ctypes.c_void_p(self.x11.XGetImage(
            self.display, self.root, int(self.size[0] * 0.3), self.size[1] - 190, width, height,
            ctypes.c_ulong(0xffffffff), 2))
        # an XImage: width, height, xoffset, format, then the pixels
        data = ctypes.cast(image, ctypes.POINTER(ctypes.c_void_p))[2]
        pixels = ctypes.string_at(data, width * height * 4)
        self.x11.XDestroyImage(image)
        return pixels


def scroll(window, button):
    x, y = int(window.size[0] * 0.45), window.size[1] - 100
    window.xdotool("mousemove", x, y, "click", "--repeat", TURNS, "--delay", 8, button)


def time_to_rest(screen):
    """Seconds from now until the last change on the screen; looks for two seconds."""
    start = time.monotonic()
    last, changed = screen.picture(), 0.0
    while time.monotonic() - start < 2:
        time.sleep(0.02)
        now = screen.picture()
        if now != last:
            last, changed = now, time.monotonic() - start
    return changed


def main():
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    model, image, layer = sys.argv[1:4]
    program = sys.argv[4] if len(sys.argv) > 4 else str(ROOT / "build" / "src" / "ui" / "cnn-viz")
    with Window(program, [model, image], environment={"CNN_VIZ_TRACE_STALLS": "1"}, critical=False) as window:
        window.wait_idle()
        window.set("layer", "s", layer)
        window.set("gallery", "s", "activations")
        window.wait_idle()
        time.sleep(1)
        screen = Screen(window)
        print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
        for name, button in [("down", 5), ("up", 4)]:
            start = time.monotonic()
            scroll(window, button)
            rest = time_to_rest(screen)
            stalls = [(float(ms), float(cpu)) for ms, cpu, at in
                      re.findall(r"stall ([0-9.]+) ms \(processor ([0-9.]+) ms\) at ([0-9.]+) s", window.output())
                      if float(at) >= start]
            longest = max([ms for ms, cpu in stalls] or [0])
            print(f"{name}: {sum(ms > 33 for ms, cpu in stalls)} iterations above 33 ms, longest {longest:.1f} ms "
                  f"({max([cpu for ms, cpu in stalls] or [0]):.1f} ms of the processor); at rest {rest:.2f} s after the wheel")


if __name__ == "__main__":
    try:
        main()
    except Unavailable as reason:
        sys.exit(f"measure-gallery.py: {reason}")
