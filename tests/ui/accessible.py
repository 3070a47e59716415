# SPDX-License-Identifier: GPL-3.0-or-later
"""What assistive technology sees of a window: the tree on the accessibility bus.

Tree (window) finds the program there; walk () gives its Nodes, focused () the one with the keyboard. The window must
have been started with ENVIRONMENT.
"""

import re
import time

from gi.repository import Gio, GLib

from window import Unavailable

ENVIRONMENT = {"GTK_A11Y": "atspi", "NO_AT_BRIDGE": "0"}
ACCESSIBLE = "org.a11y.atspi.Accessible"
ROOT = "/org/a11y/atspi/accessible/root"
# AtspiStateType
FOCUSABLE, FOCUSED, VISIBLE = 11, 12, 30


class Node:
    def __init__(self, tree, owner, path):
        self.tree, self.owner, self.path = tree, owner, path
        low, high = tree.call(owner, path, ACCESSIBLE, "GetState")[0]
        self.states = low | high << 32

    @property
    def role(self):
        return self.tree.call(self.owner, self.path, ACCESSIBLE, "GetRoleName")[0]

    @property
    def name(self):
        # GTK gives the name of the widget's type where there is no other: nothing that a person could use
        return re.sub(r"^(Gtk|Adw|Viz)[A-Z]\w*$", "", self.tree.get(self.owner, self.path, "Name"))

    def has(self, state):
        return bool(self.states >> state & 1)

    @property
    def description(self):
        return self.tree.get(self.owner, self.path, "Description")

    def children(self):
        found = self.tree.call(self.owner, self.path, ACCESSIBLE, "GetChildren")[0]
        return [(owner, path) for owner, path in found if not path.endswith("/null")]

    def __repr__(self):
        return f"{self.role} “{self.name}”"


class Tree:
    def __init__(self, window):
        session = window.bus
        try:
            address = session.call_sync("org.a11y.Bus", "/org/a11y/bus", "org.a11y.Bus", "GetAddress", None, None,
                                        Gio.DBusCallFlags.NONE, 20000, None).unpack()[0]
        except GLib.Error as error:
            raise Unavailable(f"no accessibility bus: {error.message}")
        self.bus = Gio.DBusConnection.new_for_address_sync(
            address, Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION,
            None, None)
        self.window = window
        self.application = window.wait(self._find, "the program on the accessibility bus")

    def call(self, owner, path, interface, method, parameters=None):
        return self.bus.call_sync(owner, path, interface, method, parameters, None, Gio.DBusCallFlags.NONE, 20000,
                                  None).unpack()

    def get(self, owner, path, name):
        return self.call(owner, path, "org.freedesktop.DBus.Properties", "Get",
                         GLib.Variant("(ss)", (ACCESSIBLE, name)))[0]

    def _find(self):
        for owner, path in self.call("org.a11y.atspi.Registry", ROOT, ACCESSIBLE, "GetChildren")[0]:
            pid = self.bus.call_sync("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
                                     "GetConnectionUnixProcessID", GLib.Variant("(s)", (owner,)), None,
                                     Gio.DBusCallFlags.NONE, 20000, None).unpack()[0]
            if pid == self.window.program.pid:
                return owner, path
        return None

    def walk(self, most=4000):
        """All nodes that are visible, the application first. What goes away meanwhile is left out."""
        waiting, seen = [self.application], []
        while waiting and len(seen) < most:
            owner, path = waiting.pop()
            try:
                node = Node(self, owner, path)
                below = node.children()
            except GLib.Error:
                continue
            if not seen or node.has(VISIBLE):
                seen.append(node)
                waiting.extend(reversed(below))
        return seen

    def focused(self):
        for node in self.walk():
            if node.has(FOCUSED):
                return node
        return None

    def _on_focus(self, connection, sender, path, interface, signal, parameters):
        if parameters.unpack()[1] == 1:
            self.focus = sender, path

    def focus_after(self, key):
        """Presses the key; the Node that gets the keyboard by it, None if it stays where it was."""
        if not hasattr(self, "focus"):
            self.bus.signal_subscribe(None, "org.a11y.atspi.Event.Object", "StateChanged", None, "focused",
                                      Gio.DBusSignalFlags.NONE, self._on_focus)
        self.focus = None
        self.window.key(key)
        end = time.monotonic() + 5
        while self.focus is None and time.monotonic() < end:
            if not GLib.MainContext.default().iteration(False):
                time.sleep(0.01)
        return Node(self, *self.focus) if self.focus is not None else None
