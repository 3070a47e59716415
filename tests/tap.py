# SPDX-License-Identifier: GPL-3.0-or-later
"""The few lines that a Python test needs to speak TAP.

A test is a function that raises Skip to be skipped and any other exception to fail; run () calls them in turn.
"""

import importlib
import os
import pathlib
import sys
import traceback

ROOT = pathlib.Path(os.environ.get("CNN_SOURCE_ROOT", pathlib.Path(__file__).resolve().parent.parent))
SHARED = pathlib.Path(os.environ.get("CNN_SHARED", ROOT.parent / "shared"))


class Skip(Exception):
    """Raised by a test that cannot run here; says why."""


def need(*names):
    """Import the modules of these names; where one is missing the whole test is skipped."""
    try:
        return [importlib.import_module(name) for name in names]
    except ImportError as missing:
        print(f"1..0 # SKIP {missing}")
        sys.exit(0)


def check(condition, message):
    if not condition:
        raise AssertionError(message)


def run(tests):
    """Run (name, function) pairs, print TAP, and return the exit status."""
    failed = False
    print(f"1..{len(tests)}", flush=True)
    for number, (name, test) in enumerate(tests, 1):
        try:
            test()
        except Skip as reason:
            print(f"ok {number} {name} # SKIP {reason}", flush=True)
        except AssertionError as error:
            failed = True
            print(f"not ok {number} {name}", flush=True)
            print("\n".join(f"# {line}" for line in str(error).splitlines()), flush=True)
        except Exception:  # a broken test must not hide the others
            failed = True
            print(f"not ok {number} {name}", flush=True)
            print("\n".join(f"# {line}" for line in traceback.format_exc().splitlines()), flush=True)
        else:
            print(f"ok {number} {name}", flush=True)
    sys.stdout.flush()
    return int(failed)
