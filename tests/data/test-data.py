#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks what is installed beside the programs: desktop file, AppStream data, settings, icons, translations, samples."""

import pathlib
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from tap import ROOT, Skip, check, run  # noqa: E402

APP_ID = "com.example.CnnViz"
# what marks a string for translation in C and in the interface files
MARKED = re.compile(r'\b(?:[CNQ]?_|NC_|g_dgettext|g_dngettext|ngettext)\s*\(\s*"|translatable="(?:yes|true)"')


def tool(name, *arguments):
    """Run a checking tool; what it prints is the message when it is not content."""
    if shutil.which(name) is None:
        raise Skip(f"{name} is not installed")
    result = subprocess.run([name, *map(str, arguments)], capture_output=True, text=True, check=False)
    output = result.stdout + result.stderr
    check(result.returncode == 0, f"{name}: {output}")
    return output


def test_desktop_file():
    output = tool("desktop-file-validate", ROOT / f"{APP_ID}.desktop")
    check(output == "", output)


def test_metainfo():
    tool("appstreamcli", "validate", "--no-net", ROOT / f"data/{APP_ID}.metainfo.xml")


def test_schemas():
    tool("glib-compile-schemas", "--strict", "--dry-run", ROOT / "data")


def test_icons():
    for place in ("scalable/apps/{}.svg", "symbolic/apps/{}-symbolic.svg"):
        path = ROOT / "data/icons/hicolor" / place.format(APP_ID)
        drawing = ElementTree.parse(path).getroot()
        check(drawing.tag.endswith("svg"), f"{path} is no SVG")
        check(drawing.get("width") == drawing.get("height"), f"{path} is not square")


def languages():
    lines = (ROOT / "po/LINGUAS").read_text(encoding="utf-8").splitlines()
    return " ".join(line for line in lines if not line.startswith("#")).split()


def test_translations():
    for language in languages():
        path = ROOT / "po" / f"{language}.po"
        check(path.is_file(), f"{path} is missing")
        tool("msgfmt", "--check", "--output-file=/dev/null", path)
    spare = {path.stem for path in (ROOT / "po").glob("*.po")} - set(languages())
    check(not spare, f"not in po/LINGUAS: {sorted(spare)}")


def test_translations_complete():
    """A translation may lag a little behind the sources, by a tenth of the strings."""
    if not languages():
        raise Skip("no translation yet")
    with tempfile.TemporaryDirectory() as folder:
        template = pathlib.Path(folder) / "cnnviz.pot"
        tool("xgettext", f"--directory={ROOT}", f"--files-from={ROOT / 'po/POTFILES.in'}", "--from-code=UTF-8",
             "--keyword=_", "--keyword=N_", "--keyword=C_:1c,2", "--keyword=NC_:1c,2", "--keyword=ngettext:1,2",
             f"--output={template}")
        for language in languages():
            merged = pathlib.Path(folder) / f"{language}.po"
            tool("msgmerge", "--quiet", "--no-fuzzy-matching", f"--output-file={merged}",
                 ROOT / "po" / f"{language}.po", template)
            missing = tool("msgattrib", "--untranslated", "--no-obsolete", merged)
            found = re.findall(r'^msgid "(.+)"', missing, re.MULTILINE)
            total = len(re.findall(r"^msgid ", template.read_text(encoding="utf-8"), re.MULTILINE))
            check(len(found) * 10 < total, f"{language}.po lacks {len(found)} of {total} strings, such as {found[:5]}")
            if found:
                print(f"# {language}.po lacks {len(found)} of {total} strings")


def test_potfiles():
    lines = (ROOT / "po/POTFILES.in").read_text(encoding="utf-8").splitlines()
    listed = [line for line in lines if line and not line.startswith("#")]
    check(listed == sorted(listed), "po/POTFILES.in is not sorted")
    check(len(listed) == len(set(listed)), "po/POTFILES.in names a file twice")
    gone = [name for name in listed if not (ROOT / name).is_file()]
    check(not gone, f"in po/POTFILES.in, but not there: {gone}")
    sources = [path for kind in ("c", "h", "ui") for path in (ROOT / "src").rglob(f"*.{kind}")]
    sources += list((ROOT / "data").rglob("*.ui"))
    marked = {str(path.relative_to(ROOT)) for path in sources if MARKED.search(path.read_text(encoding="utf-8"))}
    check(marked <= set(listed), f"missing in po/POTFILES.in (run tools/update-potfiles): {sorted(marked - set(listed))}")


def test_extraction():
    # xgettext knows PRId64, not GLib's names for the same: the string would end there
    broken = [str(path.relative_to(ROOT)) for path in (ROOT / "src").rglob("*.c")
              if re.search(r'_ ?\((?:"[^"]*"\s*)+G_G\w+_FORMAT', path.read_text(encoding="utf-8"))]
    check(not broken, f"G_GINT64_FORMAT and the like in translatable text of: {broken}")


def png_size(path):
    data = path.read_bytes()
    check(data[:8] == b"\x89PNG\r\n\x1a\n", f"{path} is no PNG")
    return struct.unpack(">II", data[16:24]) + (data[25],)


def test_samples():
    samples = sorted((ROOT / "data/samples").glob("*.png"))
    check(len(samples) >= 30, f"{len(samples)} samples")
    for path in samples:
        gray = 0
        check(png_size(path) == (28, 28, gray), f"{path} is not 28 by 28, gray")
    wrong = [path for path in samples if path.name.startswith("misread-")]
    check(len(wrong) >= 4, f"only {len(wrong)} samples that are misread")


TESTS = [
    ("/data/desktop-file", test_desktop_file),
    ("/data/metainfo", test_metainfo),
    ("/data/schemas", test_schemas),
    ("/data/icons", test_icons),
    ("/data/translations/valid", test_translations),
    ("/data/translations/complete", test_translations_complete),
    ("/data/translations/potfiles", test_potfiles),
    ("/data/translations/extraction", test_extraction),
    ("/data/samples", test_samples),
]

if __name__ == "__main__":
    sys.exit(run(TESTS))
