#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures how fast the window follows, in a display of its own, and prints the numbers.

  tools/measure-window.py [--parts NAME,NAME...] [--program PROGRAM] [MODEL IMAGE]

start     from starting the program until the window is drawn with the first overlay on it
switch    a class or modifier switch: from the call of the action until the status object shows the new map
compare   the Compare view's grid, from the switch to that view and from a change of its method until every map is there
maximize  the Maximize view: all classes, or those that are chosen by themselves, until they are done
drag      an occluder dragged by real pointer events: updates of the prediction under it per second
sweep     the same while an occlusion sweep runs, and that the sweep still ends
stop      a sweep and a maximisation told to stop: until nothing is computed any more

With each, the main loop: the 99th percentile of its turns, and those above 16 ms. The load of the machine is printed
with them: on a busy one the numbers say little.
"""

import argparse
import os
import pathlib
import re
import statistics
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "ui"))

from window import Unavailable, Window  # noqa: E402


def switch(window, action, kind, values):
    """Milliseconds from each call of the action to the map that answers it."""
    times = []
    for value in values:
        shown = window.status()["shown"]
        start = time.monotonic()
        window.set(action, kind, value)
        while True:
            status = window.status()
            if status["shown"] > shown and not status["busy"]:
                break
            if time.monotonic() - start > 30:
                raise SystemExit(f"{action} {value}: no new map after 30 s")
        times.append(1000 * (time.monotonic() - start))
    return times


def drag(window, seconds, wait=True):
    """Updates a second of the prediction under the occluder while a pointer moves it."""
    window.set("occluder", "b", True)
    if wait:
        window.wait_idle()
    middle = window.state("occluder-rect")
    x, y = window.find_occluder()
    if wait:
        window.wait_idle()
    # fast enough that each step is another pixel of the picture, which is drawn some 15 times enlarged
    steps = [(x + dx, y + dy) for dx in range(-96, 96, 32) for dy in range(-48, 48, 16)]
    command = ["xdotool", "mousemove", x, y, "mousedown", 1]
    for i in range(int(seconds / 0.008)):
        n = i % (2 * len(steps))
        command += ["sleep", 0.008, "mousemove", *steps[n if n < len(steps) else 2 * len(steps) - 1 - n]]
    before, start = window.status()["shown"], time.monotonic()
    mover = subprocess.Popen([str(word) for word in [*command, "mouseup", 1]], env=window.environment,
                             stdout=subprocess.DEVNULL)
    seen = set()
    while mover.poll() is None:
        seen.add(str(window.status()["occluded-top"]))
        time.sleep(0.02)
    window.set("occluder-rect", "(iiii)", middle)
    return (window.status()["shown"] - before) / (time.monotonic() - start), len(seen)


def until(window, act, test):
    """Milliseconds from @act () until the status object passes @test."""
    start = time.monotonic()
    act()
    while not test(window.status()):
        if time.monotonic() - start > 300:
            raise SystemExit("waited in vain for 300 s")
    return 1000 * (time.monotonic() - start)


def is_whole(status):
    """Whether every map of the grid is there."""
    return (not status["compare-stale"] and not status["busy"] and status["compare-maps"] > 0 and
            status["compare-maps"] == len(status["compare-rows"]) * len(status["compare-columns"]))


def compare(window):
    methods = ["grad-cam", "saliency"] * 10
    print(f"compare, first grid: {until(window, lambda: window.set('view', 's', 'compare'), is_whole):.1f} ms "
          f"({window.status()['compare-milliseconds']:.1f} ms of computing)")
    times = [until(window, lambda: window.set("compare-method", "s", method), is_whole) for method in methods]
    report(f"compare, {window.status()['compare-maps']} maps", times)


def maximize(window):
    def begin():
        window.set("view", "s", "maximize")
        if window.status()["maximizing"] == "not":
            window.activate("maximize-start")

    taken = until(window, begin, lambda s: s["maximizing"] == "done")
    targets = window.status()["maximized"]
    print(f"maximize: {len(targets)} pictures of {targets[0][2]} iterations in {taken:.0f} ms")


def report_loop(window, what, since):
    found = re.findall(r"stall ([0-9.]+) ms \(processor ([0-9.]+) ms\) at ([0-9.]+) s", window.output())
    turns = sorted((float(ms), float(cpu)) for ms, cpu, at in found if float(at) >= since)
    if turns:
        print(f"main loop, {what}: 99th percentile {turns[(len(turns) * 99 - 1) // 100][0]:.1f} ms of {len(turns)} turns; "
              f"{sum(t[0] > 16 for t in turns)} above 16 ms, longest {turns[-1][0]:.1f} ms "
              f"({max(t[1] for t in turns):.1f} ms of the processor's time)")


def report(name, times):
    print(f"{name}: median {statistics.median(times):.1f} ms, longest {max(times):.1f} ms of {len(times)}")


def measure_switch(window):
    report("class switch, Grad-CAM", switch(window, "class", "i", [c % 10 for c in range(1, 31)]))
    report("modifier switch, Grad-CAM", switch(window, "modifier", "s", ["guided", "relu", "vanilla"] * 10))
    window.set("method", "s", "saliency")
    window.wait_idle()
    report("class switch, saliency", switch(window, "class", "i", [c % 10 for c in range(1, 31)]))
    report("modifier switch, saliency", switch(window, "modifier", "s", ["guided", "relu", "vanilla"] * 10))


def measure_drag(window):
    rate, different = drag(window, 4)
    print(f"occluder drag: {rate:.1f} updates a second ({different} different predictions seen by polling)")


def start_sweep(window):
    """A sweep of many positions: it is still running when the drag ends."""
    window.set("occlusion-stride", "i", 4)
    window.set("method", "s", "occlusion")


def measure_sweep(window):
    window.set("occluder", "b", True)
    window.wait_idle()
    start_sweep(window)
    rate, different = drag(window, 4, wait=False)
    print(f"occluder drag during a sweep: {rate:.1f} updates a second ({different} different predictions seen by "
          f"polling); the sweep {'still runs' if window.status()['busy'] else 'has ended'}")
    window.activate("stop")


def measure_stop(window):
    times = []
    for _ in range(5):
        window.set("method", "s", "grad-cam")
        window.wait_idle()
        start_sweep(window)
        time.sleep(1)
        if window.status()["busy"]:
            times.append(until(window, lambda: window.activate("stop"), lambda s: not s["busy"]))
    if times:
        report("stop of a sweep", times)
    window.set("view", "s", "maximize")
    times = []
    for _ in range(3):
        if window.status()["maximizing"] != "runs":
            window.activate("maximize-start")
        time.sleep(1)
        if window.status()["maximizing"] == "runs":
            times.append(until(window, lambda: window.activate("stop"), lambda s: s["maximizing"] != "runs"))
    if times:
        report("stop of a maximisation", times)
    window.set("view", "s", "explore")


PARTS = {"switch": measure_switch, "compare": compare, "maximize": maximize, "drag": measure_drag,
         "sweep": measure_sweep, "stop": measure_stop}


def measure_start(window, began):
    window.wait_status(lambda s: s["shown"] > 0 and not s["busy"], "the first overlay")
    print(f"from the start to the first overlay: {1000 * (time.monotonic() - began):.0f} ms")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("files", nargs="*", metavar="MODEL IMAGE")
    parser.add_argument("--program", default=str(ROOT / "build" / "src" / "ui" / "cnn-viz"))
    parser.add_argument("--parts", default="start," + ",".join(PARTS))
    options = parser.parse_args()
    began = time.monotonic()
    with Window(options.program, options.files, environment={"CNN_VIZ_TRACE_STALLS": "all"}, critical=False) as window:
        parts = options.parts.split(",")
        if "start" in parts:
            measure_start(window, began)
        window.wait_idle()
        time.sleep(1)
        print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
        for name in [part for part in parts if part != "start"]:
            start = time.monotonic()
            PARTS[name](window)
            report_loop(window, name, start)
            window.set("view", "s", "explore")


if __name__ == "__main__":
    try:
        main()
    except Unavailable as reason:
        sys.exit(f"measure-window.py: {reason}")
