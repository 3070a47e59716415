#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes a manual page: the template with the options that the program itself lists.

    make-man.py PROGRAM VERSION TEMPLATE OUTPUT

@VERSION@ becomes the version, @OPTIONS@ what "PROGRAM --help" lists, and @COMMANDS@ the commands of PROGRAM, each with
its usage and with the options of "PROGRAM COMMAND --help" that not every command has; those are in @COMMON@.
"""

import os
import pathlib
import re
import subprocess
import sys


def ask(*command):
    environment = dict(os.environ, LC_ALL="C.UTF-8", LANGUAGE="", OMP_WAIT_POLICY="passive", ASAN_OPTIONS="detect_leaks=0")
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        sys.exit(f"{' '.join(command)}: {result.stderr}")
    return result.stdout


def roff(text):
    """Text as roff shows it: hyphens that can be copied, no line that is taken for a request."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq").replace("…", "...").replace("“", "\\(lq").replace("”", "\\(rq")
    return re.sub(r"^\.", r"\\&.", escaped, flags=re.MULTILINE)


def options_of(text):
    """The options of a --help as (words, explanation), in order."""
    found = []
    for line in text.splitlines():
        option = re.match(r"  ((?:-\w, )?--\S+)\s*(.*)", line)
        if option:
            found.append((option[1], option[2]))
        elif found and re.match(r"\s{10,}\S", line):
            found[-1] = (found[-1][0], f"{found[-1][1]} {line.strip()}")
    return found


def list_of(options):
    lines = []
    for words, explanation in options:
        name, equals, value = words.partition("=")
        shown = f"\\fB{roff(name)}\\fR" + (f"=\\fI{roff(value)}\\fR" if equals else "")
        lines += [".TP", shown, roff(explanation) or "."]
    return "\n".join(lines)


def commands_of(program):
    """(name, usage) of each command, in the order of --help."""
    base = pathlib.Path(program).name
    usages = re.findall(rf"^  {re.escape(base)} (\S+) (.*)$", ask(program, "--help"), re.MULTILINE)
    return list(dict(usages).items())


def command_sections(program):
    commands = commands_of(program)
    options = {name: options_of(ask(program, name, "--help")) for name, usage in commands}
    common = [option for option in options[commands[0][0]]
              if all(option[0] in dict(others) for others in options.values())]
    names = {words for words, explanation in common}
    sections = []
    for name, usage in commands:
        sections += [".SS " + roff(name), ".nh", ".ad l", f"\\fBcnn\\-viz\\-cli {roff(name)}\\fR {roff(usage)}", ".ad b", ".hy",
                     list_of([option for option in options[name] if option[0] not in names])]
    return "\n".join(line for line in sections if line), list_of(common)


def main():
    program, version, template, output = sys.argv[1:]
    text = pathlib.Path(template).read_text(encoding="utf-8").replace("@VERSION@", version)
    if "@COMMANDS@" in text:
        commands, common = command_sections(program)
        text = text.replace("@COMMANDS@", commands).replace("@COMMON@", common)
    if "@OPTIONS@" in text:
        text = text.replace("@OPTIONS@", list_of(options_of(ask(program, "--help"))))
    pathlib.Path(output).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
