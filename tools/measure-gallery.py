#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures the filter gallery of a wide layer, scrolled end to end by the wheel, and prints the numbers.

  tools/measure-gallery.py MODEL IMAGE LAYER [PROGRAM]

- the main loop: iterations that took longer than 33 ms while it scrolled (CNN_VIZ_TRACE_STALLS)
- after the last turn of the wheel: how long until the picture of the gallery on the screen no longer changes

For instance conv5_block3_3_conv of a ResNet-50, which has 2,048 filters. The load of the machine is printed with them.
"""

import os
import pathlib
import re
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "ui"))

from window import Unavailable, Window  # noqa: E402

TURNS = 400


def picture(window):
    """The lower middle of the screen, where the gallery is, as bytes."""
    width, height = window.size
    area = f"{int(width * 0.35)}x150+{int(width * 0.3)}+{height - 190}"
    return subprocess.run(["import", "-window", "root", "-crop", area, "-depth", "8", "rgb:-"], env=window.environment,
                          capture_output=True, check=True).stdout


def scroll(window, button):
    x, y = int(window.size[0] * 0.45), window.size[1] - 100
    window.xdotool("mousemove", x, y, "click", "--repeat", TURNS, "--delay", 8, button)


def time_to_rest(window):
    """Seconds from now until the last change on the screen; looks for two seconds."""
    start = time.monotonic()
    last, changed = picture(window), 0.0
    while time.monotonic() - start < 2:
        now = picture(window)
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
        print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
        for name, button in [("down", 5), ("up", 4)]:
            start = time.monotonic()
            scroll(window, button)
            rest = time_to_rest(window)
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
