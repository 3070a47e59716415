# SPDX-License-Identifier: GPL-3.0-or-later
"""The controls of a window, found by their names as a screen reader finds them, and worked by the pointer.

open_window () starts the program so that they can be found; find () gives a Node of accessible.py, click () clicks it.
"""

import os

from window import open_accessible

PROGRAM = os.environ["CNN_VIZ"]


def open_window(*arguments, **options):
    """A window whose controls can be found."""
    def ready(w):
        w.wait_status(lambda s: not s["busy"] and (s["shown"] > 0 or s["last-error"]), "the first map")
    window, window.tree = open_accessible(PROGRAM, arguments, ready, **options)
    return window


def extents(window, node):
    """Where it is in its window: x, y, width, height; a width of 0 when it is not shown."""
    from gi.repository import GLib
    return window.tree.call(node.owner, node.path, "org.a11y.atspi.Component", "GetExtents",
                            GLib.Variant("(u)", (1,)))[0]


def shown(window, node):
    return extents(window, node)[2] > 0


def nodes(window, also_hidden=False):
    """The nodes that are shown, one after the other, so that a search can end early."""
    from accessible import Node
    from gi.repository import GLib
    application = Node(window.tree, *window.tree.application)
    waiting = list(reversed(application.children()))
    while waiting:
        try:
            node = Node(window.tree, *waiting.pop())
            if not also_hidden and not shown(window, node):
                continue
            below = node.children()
        except GLib.Error:  # gone meanwhile
            continue
        yield node
        waiting.extend(reversed(below))


def find(window, role, name, also_hidden=False):
    """The first of that role whose name, or else its description, begins so; None."""
    return next((node for node in nodes(window, also_hidden) if node.role == role
                 and (node.name or node.description).startswith(name)), None)


def wait_for(window, role, name):
    return window.wait(lambda: find(window, role, name), f"the {role} “{name}”")


def middle(window, node):
    """The middle of a control of the main window, on the screen."""
    x, y, width, height = extents(window, node)
    whole = extents(window, next(n for n in nodes(window) if n.role == "window"))
    # around the window runs its edge, of the same width on all sides
    return [part + (size - of) // 2 for part, size, of in zip((x + width // 2, y + height // 2), window.size, whole[2:])]


def click(window, role, name, times=1):
    node = wait_for(window, role, name)
    window.xdotool("mousemove", *middle(window, node), "click", "--repeat", times, "--delay", 60, 1)
    return node
