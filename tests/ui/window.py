# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the program in a display and on a message bus of its own, and works it as a person would.

Window (program, …) starts it; status () asks what it shows, activate () calls an action, click (), drag () and
key () send real events. Unavailable says what is missing on this machine.
"""

import os
import pathlib
import shutil
import subprocess
import tempfile
import time

try:
    import gi

    gi.require_version("Gio", "2.0")
    from gi.repository import Gio, GLib
except (ImportError, ValueError):
    Gio = None

ROOT = pathlib.Path(os.environ.get("CNN_SOURCE_ROOT", pathlib.Path(__file__).resolve().parent.parent.parent))
NAME = "com.example.CnnViz"
PATH = "/com/example/CnnViz/window/1"
# under a sanitizer on a busy machine everything takes its time
PATIENCE = float(os.environ.get("CNN_UI_PATIENCE", "60"))


class Unavailable(Exception):
    """Says what the machine lacks."""


def require():
    if Gio is None:
        raise Unavailable("python3-gi is not installed")
    for tool in ["Xvfb", "xdotool", "dbus-daemon"]:
        if shutil.which(tool) is None:
            raise Unavailable(f"{tool} is not installed")


class Window:
    def __init__(self, program, arguments=(), size=(1280, 820), environment=None, critical=True):
        require()
        self.processes = []
        self.folder = tempfile.TemporaryDirectory(prefix="cnn-viz-ui-")
        self.log = open(pathlib.Path(self.folder.name) / "log", "w+")
        try:
            self._start(program, arguments, size, environment or {}, critical)
        except BaseException:
            self.close()
            raise

    def _start(self, program, arguments, size, environment, critical):
        self.size = size
        self.display = ":" + self._first_line(
            ["Xvfb", "-displayfd", "1", "-nolisten", "tcp", "-screen", "0", f"{size[0]}x{size[1]}x24"])
        home = self.folder.name
        # what it starts keeps its sockets there, out of the way of other windows
        address = self._first_line(["dbus-daemon", "--session", "--nofork", "--print-address=1"],
                                   XDG_CACHE_HOME=home, XDG_RUNTIME_DIR=home)
        self.environment = dict(
            os.environ, DISPLAY=self.display, DBUS_SESSION_BUS_ADDRESS=address, GDK_BACKEND="x11",
            GSK_RENDERER="cairo", GDK_DEBUG="gl-disable", GSETTINGS_BACKEND="memory", GIO_USE_VFS="local",
            NO_AT_BRIDGE="1", GTK_A11Y="test", LC_ALL="C.UTF-8", XDG_CONFIG_HOME=home, XDG_CACHE_HOME=home,
            XDG_DATA_HOME=home, XDG_RUNTIME_DIR=home, CNN_DATA_DIR=str(ROOT / "data"),
            G_DEBUG="gc-friendly,fatal-criticals" if critical else "gc-friendly")
        self.environment.pop("WAYLAND_DISPLAY", None)
        self.environment.update(environment)
        self.prepare()
        self.program = subprocess.Popen([program, *map(str, arguments)], env=self.environment, stdout=self.log,
                                        stderr=self.log)
        self.processes.append(self.program)
        self.bus = Gio.DBusConnection.new_for_address_sync(
            address, Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION,
            None, None)
        self.wait(self._is_there, "the window's status object")

    def prepare(self):
        """What the desktop has to have before the program starts; for those that need more than a display."""

    def _first_line(self, command, **environment):
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                                   env=dict(os.environ, **environment))
        self.processes.append(process)
        return process.stdout.readline().strip()

    def _is_there(self):
        try:
            self.status()
            return True
        except GLib.Error:
            return False

    def close(self):
        for process in reversed(self.processes):
            if process.poll() is None:
                process.terminate()
                try:
                    process.wait(10)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
            if process.stdout is not None:
                process.stdout.close()
        self.log.close()
        self.folder.cleanup()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()

    def check_end(self, patience=60):
        """Waits for the program to end by itself, without a fault or a leak of its own."""
        code, output = self.program.wait(patience), self.output()
        # GLib leaves its first table of quarks behind, 2,048 pointers, when more strings than that are interned
        quarks = ("16384 byte(s) leaked in 1 allocation(s)" in output and output.count("ERROR: ") == 1
                  and "runtime error" not in output)
        if code != 0 and not quarks:
            raise AssertionError(f"the program ended with {code}:\n{output}")

    def output(self):
        self.log.flush()
        with open(self.log.name) as log:
            return log.read()

    # what it shows

    def _call(self, interface, method, parameters, kind):
        result = self.bus.call_sync(NAME, PATH, interface, method, parameters,
                                    GLib.VariantType.new(kind) if kind else None, Gio.DBusCallFlags.NO_AUTO_START,
                                    int(PATIENCE * 1000), None)
        return result.unpack() if result is not None else None

    def status(self):
        return self._call("com.example.CnnViz.Status", "Get", None, "(a{sv})")[0]

    def state(self, action):
        return self._call("org.gtk.Actions", "Describe", GLib.Variant("(s)", (action,)), "((bgav))")[0][2][0]

    def actions(self):
        return self._call("org.gtk.Actions", "List", None, "(as)")[0]

    def describe(self):
        """Each action by name: whether it is enabled, its parameter's type, its state in a list."""
        return self._call("org.gtk.Actions", "DescribeAll", None, "(a{s(bgav)})")[0]

    def activate(self, action, value=None):
        values = [value] if value is not None else []
        self._call("org.gtk.Actions", "Activate", GLib.Variant("(sava{sv})", (action, values, {})), "()")

    def set(self, action, kind, value):
        self.activate(action, GLib.Variant(kind, value))

    def wait(self, condition, what, patience=PATIENCE):
        """Polls until @condition () is true; what it returned."""
        end = time.monotonic() + patience
        while True:
            if hasattr(self, "program") and self.program.poll() is not None:
                raise AssertionError(f"the program ended ({self.program.returncode}) before {what}:\n{self.output()}")
            found = condition()
            if found:
                return found
            if time.monotonic() > end:
                raise AssertionError(f"waited in vain for {what}; status: {self._status_text()}\n{self.output()}")
            time.sleep(0.02)

    def _status_text(self):
        try:
            return str(self.status())
        except GLib.Error as error:
            return error.message

    def wait_status(self, test, what):
        return self.wait(lambda: (lambda s: s if test(s) else None)(self.status()), what)

    def wait_idle(self):
        return self.wait_status(lambda s: not s["busy"] and s["shown"] > 0, "nothing to be computed")

    # what a person does

    def xdotool(self, *arguments):
        subprocess.run(["xdotool", *map(str, arguments)], env=self.environment, check=True,
                       stdout=subprocess.DEVNULL)

    def click(self, x, y, button=1):
        self.xdotool("mousemove", x, y, "click", button)

    def drag(self, points, pause=0.01):
        command = ["mousemove", *points[0], "mousedown", 1]
        for x, y in points[1:]:
            command += ["sleep", pause, "mousemove", x, y]
        self.xdotool(*command, "sleep", pause, "mouseup", 1)

    def key(self, *names):
        self.xdotool("key", "--clearmodifiers", *names)

    def menus(self):
        """The menus and popovers that are open; tooltips are lower than those."""
        found = subprocess.run(["xdotool", "search", "--onlyvisible", "--class", "cnn-?viz"], env=self.environment,
                               check=False, capture_output=True, text=True).stdout.split()
        heights = {}
        for window in found:
            words = subprocess.run(["xdotool", "getwindowgeometry", "--shell", window], env=self.environment, check=False,
                                   capture_output=True, text=True).stdout
            heights[window] = next((int(line[7:]) for line in words.split() if line.startswith("HEIGHT=")), 0)
        # the window itself is the first that was made
        return [window for window in sorted(found, key=int)[1:] if heights[window] > 60]

    # places, found by trying: nothing here knows the layout by heart

    def find_occluder(self):
        """A place on the screen where the pointer moves the occluder, and how it moved it."""
        width, height = self.size
        before = self.state("occluder-rect")
        # it starts in the middle of the picture, which is about the middle of what the panes leave
        for dx, dy in [(0, 0), (0, -12), (0, 12), (-12, 0), (12, 0), (0, -36), (0, 36), (-36, 0), (36, 0)]:
            x, y = int(width * 0.45) + dx, int(height * 0.38) + dy
            self.drag([(x, y), (x + 8, y), (x + 32, y + 16)], 0.05)
            after = self.state("occluder-rect")
            if after[:2] != before[:2] and after[2:] == before[2:]:
                return x + 32, y + 16
            if after != before:
                self.set("occluder-rect", "(iiii)", before)
        raise AssertionError("no place where the pointer moves the occluder")


def open_accessible(program, arguments, ready, **options):
    """A window that is @ready, and the tree that a screen reader sees of it; skipped where there is no such thing."""
    from tap import Skip
    try:
        from accessible import ENVIRONMENT, Tree  # needs Gio
        options["environment"] = ENVIRONMENT | options.get("environment", {})
        window = Window(program, arguments, **options)
    except (Unavailable, ImportError) as reason:
        raise Skip(str(reason))
    try:
        ready(window)
        return window, Tree(window)
    except Unavailable as reason:
        window.close()
        raise Skip(str(reason))
    except BaseException:
        window.close()
        raise
