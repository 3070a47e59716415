#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Meson makes and installs beside the programs: translated desktop file and AppStream data, kinds of files, the
D-Bus service, manual pages; and the links of the documents. test-data.py checks what they are made of.

    test-installation.py BUILD-FOLDER
"""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from tap import ROOT, Skip, check, run  # noqa: E402

BUILD = pathlib.Path(sys.argv[1])
APP = "com.example.CnnViz"
MIME = "{http://www.freedesktop.org/standards/shared-mime-info}"


def tool(*command, **options):
    """Runs it; fails with what it said."""
    if shutil.which(command[0]) is None:
        raise Skip(f"{command[0]} is not installed")
    result = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False, **options)
    check(result.returncode == 0, f"{command[0]}: {result.stdout}{result.stderr}")
    return result.stdout + result.stderr


def test_desktop_file():
    said = tool("desktop-file-validate", BUILD / "data" / f"{APP}.desktop")
    check(said.strip() == "", said)


def test_metainfo():
    tool("appstreamcli", "validate", "--no-net", "--explain", BUILD / "data" / f"{APP}.metainfo.xml")


def test_kinds_of_files():
    """Every kind of the desktop file is one that the system or we know, and every kind of ours is opened by us."""
    text = (ROOT / f"{APP}.desktop").read_text(encoding="utf-8")
    opened = set(filter(None, re.search(r"^MimeType=(.*)$", text, re.MULTILINE)[1].split(";")))
    ours = {kind.get("type") for kind in ElementTree.parse(ROOT / "data" / "mime" / f"{APP}.xml").iter(f"{MIME}mime-type")}
    check(ours <= opened, f"not in the desktop file: {ours - opened}")
    check(all(kind.startswith("image/") for kind in opened - ours), f"unknown kinds {opened - ours}")
    with tempfile.TemporaryDirectory() as folder:
        packages = pathlib.Path(folder) / "mime" / "packages"
        packages.mkdir(parents=True)
        shutil.copy(ROOT / "data" / "mime" / f"{APP}.xml", packages)
        said = tool("update-mime-database", packages.parent)
        check("rror" not in said, said)
        globs = (packages.parent / "globs2").read_text(encoding="utf-8")
        for name in ["*.keras", "*.h5", "*.hdf5", "*.onnx", "model.json", "*.cnnviz"]:
            check(f":{name}\n" in globs, f"no kind for {name}")


def test_installed_files():
    """What Meson would install has everything that a desktop looks for."""
    listed = tool("meson", "introspect", BUILD, "--installed")
    for name in ["bin/cnn-viz\"", "bin/cnn-viz-cli\"", f"applications/{APP}.desktop", f"metainfo/{APP}.metainfo.xml",
                 f"dbus-1/services/{APP}.service", f"mime/packages/{APP}.xml", f"schemas/{APP}.gschema.xml",
                 "man1/cnn-viz.1", "man1/cnn-viz-cli.1", "icons", "models/digits.h5", "models/tank.h5",
                 "locale/de/LC_MESSAGES/cnnviz.mo", "locale/zh_CN/LC_MESSAGES/cnnviz.mo"]:
        check(name in listed, f"{name} is not installed")
    service = (BUILD / "data" / f"{APP}.service").read_text(encoding="utf-8")
    check(re.search(r"^Exec=/.*/cnn-viz --gapplication-service$", service, re.MULTILINE), service)
    for kind, name in [("scalable", f"{APP}.svg"), ("symbolic", f"{APP}-symbolic.svg")]:
        check((ROOT / "data" / "icons" / "hicolor" / kind / "apps" / name).exists(), f"no icon {name}")


def help_of(program, *words):
    environment = {"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin", "OMP_WAIT_POLICY": "passive",
                   "ASAN_OPTIONS": "detect_leaks=0"}
    return tool(program, *words, "--help", env=environment)


def test_manual():
    """Both pages are clean roff and say every option and command that --help lists."""
    programs = {"cnn-viz": BUILD / "src/ui/cnn-viz", "cnn-viz-cli": BUILD / "src/cli/cnn-viz-cli"}
    for name, program in programs.items():
        page = BUILD / "data" / f"{name}.1"
        said = tool("groff", "-man", "-Tutf8", "-ww", "-Kutf8", "-z", page)
        check(said == "", said)
        text = page.read_text(encoding="utf-8").replace("\\-", "-")
        helps = [help_of(program)]
        commands = set(re.findall(r"^  cnn-viz-cli (\S+) ", helps[0], re.MULTILINE)) if name == "cnn-viz-cli" else set()
        for command in commands:
            check(f".SS {command}\n" in text, f"{name}.1 does not name the command {command}")
            helps.append(help_of(program, command))
        options = set(re.findall(r"^ .*?(--[a-z][a-z-]*)", "\n".join(helps), re.MULTILINE))
        check(len(options) > 2, f"only {options}")
        for option in options:
            check(option in text, f"{name}.1 does not say {option}")


def test_links():
    for document in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        text = document.read_text(encoding="utf-8")
        for target in re.findall(r"\]\(([^)#]+)", text):
            if not re.match(r"\w+:", target):
                check((document.parent / target).exists(), f"{document.name} links to {target}, which is not there")
        for name in re.findall(r"`((?:docs|tools|data|src)/[\w./-]+\.\w+)`", text):
            check((ROOT / name).exists() or (ROOT / "src" / name).exists(), f"{document.name} names {name}, which is not there")


if __name__ == "__main__":
    sys.exit(run([(name.removeprefix("test_"), function) for name, function in sorted(globals().items())
                  if name.startswith("test_")]))
