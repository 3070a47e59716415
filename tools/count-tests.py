#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Count the tests of one or more Meson build folders: the single cases, not the programs they are in.

    tools/count-tests.py BUILD_FOLDER…

Prints "N passed, N failed" (and ", N skipped" if any were). The exit status is 1 when one failed, when a folder holds
no test results, or when nothing passed.
"""

import json
import pathlib
import re
import sys

CASE = re.compile(r"^(not )?ok\b(?:[^#\\\n]|\\.)*(?:#\s*(SKIP|TODO))?", re.IGNORECASE | re.MULTILINE)
# a failed case and what it says
FAILED = re.compile(r"^not ok\b.*(?:\n#.*)*", re.MULTILINE)
GOOD = ("OK", "EXPECTEDFAIL")


def count_cases(output):
    """Passed, failed, skipped among the TAP lines of one program."""
    passed = failed = skipped = 0
    for bad, directive in CASE.findall(output):
        if directive.upper() == "SKIP":
            skipped += 1
        elif bad and directive.upper() != "TODO":
            failed += 1
        else:
            passed += 1
    return passed, failed, skipped


def count_program(record):
    passed, failed, skipped = count_cases(record.get("stdout") or "")
    result = record["result"]
    if result == "SKIP":
        return passed, failed, skipped or 1
    if result not in GOOD:
        # It broke between two cases: that is one more failure
        return passed, failed or 1, skipped
    return passed or int(not skipped), failed, skipped


def count_folder(folder):
    log = folder / "meson-logs" / "testlog.json"
    if not log.is_file():
        print(f"{folder}: no test has run", file=sys.stderr)
        return 0, 1, 0
    total = (0, 0, 0)
    for line in log.read_text(encoding="utf-8", errors="replace").splitlines():
        record = json.loads(line)
        counts = count_program(record)
        if counts[1]:
            print(f"failed: {record['name']} in {folder.name} ({record['result']})", file=sys.stderr)
            for case in FAILED.findall(record.get("stdout") or ""):
                print(case, file=sys.stderr)
        total = tuple(map(sum, zip(total, counts)))
    return total


def main():
    if len(sys.argv) < 2:
        print("usage: count-tests.py BUILD_FOLDER…", file=sys.stderr)
        return 2
    counts = [count_folder(pathlib.Path(name)) for name in sys.argv[1:]]
    passed, failed, skipped = map(sum, zip(*counts))
    sys.stderr.flush()
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return int(failed > 0 or passed == 0)


if __name__ == "__main__":
    sys.exit(main())
