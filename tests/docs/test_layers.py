#!/usr/bin/python3
"""Checks that each include in src/ points down, and that src/README.md counts the lines well."""

import os
import re
import unittest

import documented

SRC = os.path.join(documented.SOURCE, "src")

# The other wings of init that a wing includes.
WINGS = {
    "init/files": [],
    "init/rules": ["init/files"],
    "init/hands": ["init/files", "init/rules"],
    "init/answers": ["init/files", "init/rules"],
    "init/ctl": ["init/files", "init/rules", "init/answers"],
    "init/daemon": ["init/files", "init/rules", "init/hands", "init/answers"],
}
# The folders of bridge that init includes. Only init/daemon includes them.
BRIDGE_OF_DAEMON = ["bridge/channel", "bridge/relay", "bridge/wrap"]
# These headers are lower than their folders. Each is a library of its own.
LOW_HEADERS = ["bridge/guest/listen_address.hpp"]


def folders(folder):
    """Returns the folders below `folder` in the order of the build, which is lowest first."""
    with open(os.path.join(SRC, folder, "meson.build"), encoding="utf-8") as file:
        inner = re.findall(r"^subdir\('(\w+)'\)", file.read(), re.MULTILINE)
    found = [at for name in inner for at in folders(f"{folder}/{name}")]
    return found or [folder]


ORDER = [at for part in ("base", "bridge", "init") for at in folders(part)]


def sources(folder):
    for place, _, names in os.walk(os.path.join(SRC, folder)):
        for name in sorted(names):
            if name.endswith((".cpp", ".hpp")):
                with open(os.path.join(place, name), encoding="utf-8") as file:
                    yield os.path.relpath(os.path.join(place, name), SRC), file.read()


def complaint(folder, header):
    """Returns why a source in `folder` must not include `header`, or None."""
    target = os.path.dirname(header)
    if header in LOW_HEADERS or target == folder:
        return None
    if target not in ORDER or ORDER.index(target) > ORDER.index(folder):
        return f"{target} is not below {folder}"
    if not folder.startswith("init/"):
        return None
    wing, other = ("/".join(path.split("/")[:2]) for path in (folder, target))
    if target.startswith("init/") and other != wing and other not in WINGS[wing]:
        return f"{wing} must not know {other}"
    if target.startswith("bridge/") and (wing != "init/daemon" or target not in BRIDGE_OF_DAEMON):
        return f"{wing} must not know {target}"
    return None


class Layers(unittest.TestCase):
    def test_each_include_points_down(self):
        found = 0
        wrong = []
        for folder in ORDER:
            for path, text in sources(folder):
                for header in re.findall(r'^#include "((?:base|bridge|init)/[^"]+)"', text, re.MULTILINE):
                    found += 1
                    reason = complaint(folder, header)
                    if reason:
                        wrong.append(f"{path} includes {header}: {reason}")
        self.assertEqual(wrong, [])
        self.assertGreater(found, 1000)

    def test_forbidden_includes_are_noticed(self):
        for folder, header in (
            ("base/util", "base/system/fd.hpp"),
            ("bridge/wait", "init/files/unit/name.hpp"),
            ("init/files/unit", "init/rules/manager/unit.hpp"),
            ("init/files/unit", "init/files/load/load.hpp"),
            ("init/answers/dbus", "init/hands/perform/host.hpp"),
            ("init/hands/perform", "bridge/wrap/outlet.hpp"),
            ("init/daemon", "bridge/wait/wait.hpp"),
        ):
            self.assertIsNotNone(complaint(folder, header), (folder, header))


class Lines(unittest.TestCase):
    def test_each_folder_is_counted(self):
        with open(os.path.join(SRC, "README.md"), encoding="utf-8") as file:
            rows = re.findall(r"^\| ((?:base|bridge|init)[\w/]*) \| ([\d,]+) \|", file.read(), re.MULTILINE)
        for folder in ORDER:
            counted = [row for row, _ in rows if f"{folder}/".startswith(f"{row}/")]
            self.assertEqual(len(counted), 1, f"{folder}: one row of src/README.md has to count it")
        for folder, told in rows:
            lines = sum(text.count("\n") for _, text in sources(folder))
            # A round number may be wrong by a tenth, or by a hundred lines in a small folder.
            far = max(lines / 10, 100)
            self.assertLessEqual(
                abs(int(told.replace(",", "")) - lines), far, f"{folder} has {lines} lines, not {told}"
            )


documented.main()
