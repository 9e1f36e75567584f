#!/usr/bin/python3
"""What README.md shows can be typed and copied as it stands."""

import glob
import os
import re
import shutil
import subprocess
import tempfile
import unittest

import documented

with open(os.path.join(documented.SOURCE, "README.md"), encoding="utf-8") as readme:
    TEXT = readme.read()

# Promised to work by these very words.
VERBATIM = (
    "ls -la /shared/notify.sock",
    'echo "READY=1" | socat - UNIX-SENDTO:/shared/notify.sock',
    "systemd-notify --ready",
    "cat /tmp/container-notify/container-status",
    "ExecStart=/usr/bin/host-notify-waiter podman run --rm --name=niri-container"
    " -v /tmp/niri-notify:/shared:Z -e SHARED_DIR=/shared niri:latest"
    " /opt/container-notify-wrapper /usr/bin/niri\n",
    "Environment=SHARED_DIR=/tmp/niri-notify\n",
)


def blocks(language):
    found = re.findall(rf"^```{language}\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
    assert found, f"no block in {language}"
    return found


def commands(text):
    """The command lines in units and shell blocks, with their continuations joined."""
    return text.replace("\\\n", " ").splitlines()


class Readme(unittest.TestCase):
    def test_what_is_promised_is_there(self):
        for words in VERBATIM:
            self.assertIn(words, TEXT)

    def test_each_promise_names_a_test_that_there_is(self):
        sources = ""
        for path in glob.glob(os.path.join(documented.SOURCE, "tests", "command", "test_*.py")):
            with open(path, encoding="utf-8") as file:
                sources += file.read()
        section = TEXT.split("## What is promised")[1].split("\n## ")[0]
        rows = [line.split("|")[2:-1] for line in section.splitlines() if line.startswith("| `")]
        self.assertGreater(len(rows), 10)
        for cell in (cell.strip().removeprefix("not: ") for row in rows for cell in row):
            # Those of test_guarantees.py are made of a key and of a method.
            made_of = re.fullmatch(r"([A-Z_]+)_([a-z_]+)", cell)
            there = f"def test_a_{cell}(" in sources or f"def test_{cell}(" in sources
            if made_of:
                key, look = made_of.groups()
                there = f'"{key}": "notify(' in sources and f"def {look}(self, key)" in sources
            self.assertTrue(there, cell)

    def test_shell_blocks_are_well_formed(self):
        for block in blocks("sh"):
            result = subprocess.run(["sh", "-n"], input=block, stderr=subprocess.PIPE, text=True)
            self.assertEqual((result.returncode, result.stderr), (0, ""), block)

    def test_what_is_to_be_installed_is_what_the_tests_install(self):
        packages = os.path.join(documented.SOURCE, "tests", "packages.sh")
        told = re.findall(r"^apt-get install (.* libboost.*)$", TEXT.replace("\\\n", " "), re.MULTILINE)
        for release, words in zip(("13", "12"), told, strict=True):
            needed = subprocess.run(
                ["bash", "-c", f'. "{packages}"; build_packages_of "$0"', release],
                stdout=subprocess.PIPE,
                text=True,
                check=True,
            )
            self.assertEqual(words.split(), needed.stdout.split(), release)

    def test_links_lead_somewhere(self):
        headings = {
            re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-")
            for heading in re.findall(r"^#+ (.*)$", TEXT, re.MULTILINE)
        }
        for target in re.findall(r"\]\(([^):]+)\)", TEXT):
            if target.startswith("#"):
                self.assertIn(target[1:], headings)
            else:
                self.assertTrue(os.path.exists(os.path.join(documented.SOURCE, target)), target)

    def test_programs_of_ours_are_called_with_options_they_have(self):
        names = {**documented.ALIASES, **{f"notifybridge {name}": name for name in documented.subcommands()}}
        found = 0
        text = "\n".join(commands(TEXT))
        for typed, name in names.items():
            known = documented.spellings(documented.options_of(name))
            for options in re.findall(rf"(?<![-\w]){typed}((?: --?[a-z][^\s`]*)+)", text):
                for option in options.split():
                    found += 1
                    self.assertIn(option.split("=")[0], known, typed + options)
        self.assertGreater(found, 3)

    @unittest.skipUnless(shutil.which("systemd-analyze"), "there is no systemd-analyze")
    def test_units_are_well_formed(self):
        for number, unit in enumerate(blocks("ini")):
            # systemd wants the programs to be there.
            unit = re.sub(r"(?<=^Exec)(\w+=-?)(?:%h)?/\S+", rf"\1{documented.EXECUTABLE}", unit, flags=re.M)
            with tempfile.TemporaryDirectory(prefix="notifybridge-test.") as directory:
                path = os.path.join(directory, f"readme-{number}.service")
                with open(path, "w", encoding="utf-8") as file:
                    file.write(unit)
                # What it requires need not be on this machine.
                for required in re.findall(r"^Requires=(\S+)$", unit, re.M):
                    with open(os.path.join(directory, required), "w", encoding="utf-8") as file:
                        file.write("[Service]\nExecStart=/bin/true\n")
                result = subprocess.run(
                    ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", path],
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    text=True,
                )
            self.assertEqual((result.returncode, result.stdout), (0, ""), unit)

    def test_units_with_a_container_runtime_stop_clean(self):
        for unit in blocks("ini"):
            # `notifybridge run` does not need it.
            if "/notifybridge run " in unit:
                self.assertNotIn("KillMode=", unit)
            elif re.search("--replace|docker run|distrobox|bwrap|nspawn", unit):
                self.assertIn("KillMode=mixed\n", unit)


documented.main()
