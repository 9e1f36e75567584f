#!/usr/bin/python3
"""Checks that readers can type and copy the text of README.md, of notifybridge-examples(7) and of
the EXAMPLES in other pages."""

import os
import re
import shutil
import subprocess
import tempfile
import unittest

import documented

PATHS = {
    "README.md": os.path.join(documented.SOURCE, "README.md"),
    "notifybridge-examples.7": os.path.join(documented.MAN, "notifybridge-examples.7"),
}
BLOCKS = {name: documented.blocks(path) for name, path in PATHS.items()}
# Only the text below EXAMPLES counts for these pages.
for page in ("run", "runtime", "status", "wait"):
    name = f"notifybridge-{page}.1"
    PATHS[name] = os.path.join(documented.MAN, name)
    BLOCKS[name] = [block for block in documented.blocks(PATHS[name]) if block[0] == "EXAMPLES"]
PAGES = [name for name in BLOCKS if name != "README.md"]
with open(PATHS["README.md"], encoding="utf-8") as readme:
    TEXT = readme.read()

# The documents promise that exactly these words work.
VERBATIM = (
    "ls -la /shared/notify.sock",
    'echo "READY=1" | socat - UNIX-SENDTO:/shared/notify.sock',
    "systemd-notify --ready",
    "cat /tmp/container-notify/container-status\n",
    "ExecStart=/usr/bin/host-notify-waiter podman run --rm --name=niri-container"
    " -v /tmp/niri-notify:/shared:Z -e SHARED_DIR=/shared niri:latest"
    " /opt/container-notify-wrapper /usr/bin/niri\n",
    "Environment=SHARED_DIR=/tmp/niri-notify\n",
)


def blocks(language):
    found = [text for there in BLOCKS.values() for _, kind, text in there if kind == language]
    assert found, f"no block in {language}"
    return found


def commands(text):
    """Returns the command lines in units and shell blocks. Joins continuation lines."""
    return text.replace("\\\n", " ").splitlines()


class Readme(unittest.TestCase):
    def test_each_promised_block_is_shown(self):
        shown = "".join(text for there in BLOCKS.values() for _, _, text in there)
        for words in VERBATIM:
            self.assertIn(words, shown)

    def test_the_table_of_keys_matches_the_manual(self):
        header = re.search(r"^\| what arrives \|.*$", TEXT, re.MULTILINE)[0]
        with open(os.path.join(documented.MAN, "notifybridge.1"), encoding="utf-8") as file:
            promised = re.findall(r"^\.It Ev (\w+).* Ta ", file.read(), re.MULTILINE)
        keys = re.findall(r"`([A-Z_]+)", header)
        # MONOTONIC_USEC belongs to RELOADING. The word "descriptors" in the heading stands for
        # FDSTORE. MAINPID does not cross without an option.
        descriptors = {"FDSTORE"} if "descriptors" in header else set()
        self.assertEqual(set(keys) - {"BARRIER"} | descriptors, set(promised) - {"MAINPID"})

    def test_each_block_of_the_page_has_a_language(self):
        for page in PAGES:
            for below, language, text in BLOCKS[page]:
                self.assertTrue(language, page + below + text)

    @unittest.skipUnless(shutil.which("man"), "there is no man")
    def test_man_shows_blocks_that_can_be_copied(self):
        """Checks that quotes, backslashes and hyphens stay plain, as shells and systemd need
        them."""
        # By this number of columns, groff 1.22 and 1.23 indent a display in a section.
        widths = (11, 13)
        for page in PAGES:
            shown = subprocess.run(
                ["man", "-l", "-E", "UTF-8", "-Tutf8", "-P", "cat", PATHS[page]],
                stdout=subprocess.PIPE,
                check=True,
                text=True,
                env={**os.environ, "LC_ALL": "C.UTF-8"},
            ).stdout
            shown = re.sub(r"\x1b\[\d*m|.\x08", "", shown)
            for below, _, text in BLOCKS[page]:
                indented = [re.sub(r"^(?=.)", " " * width, text, flags=re.M) for width in widths]
                self.assertTrue(any(block in shown for block in indented), page + below + shown)

    def test_shell_blocks_are_well_formed(self):
        for block in blocks("sh"):
            result = subprocess.run(["sh", "-n"], input=block, stderr=subprocess.PIPE, text=True)
            self.assertEqual((result.returncode, result.stderr), (0, ""), block)

    def test_the_listed_packages_are_those_of_the_tests(self):
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

    def test_each_link_has_a_target(self):
        headings = {
            re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-")
            for heading in re.findall(r"^#+ (.*)$", TEXT, re.MULTILINE)
        }
        for target in re.findall(r"\]\(([^):]+)\)", TEXT):
            if target.startswith("#"):
                self.assertIn(target[1:], headings)
            else:
                self.assertTrue(os.path.exists(os.path.join(documented.SOURCE, target)), target)

    def test_commands_of_notifybridge_use_existing_options(self):
        names = {**documented.ALIASES, **{f"notifybridge {name}": name for name in documented.subcommands()}}
        found = 0
        text = "\n".join(commands(TEXT) + commands("".join(blocks("ini") + blocks("sh"))))
        for typed, name in names.items():
            known = documented.spellings(documented.options_of(name))
            for options in re.findall(rf"(?<![-\w]){typed}((?: --?[a-z][^\s`']*)+)", text):
                for option in options.split():
                    found += 1
                    self.assertIn(option.split("=")[0], known, typed + options)
        self.assertGreater(found, 3)

    def test_options_for_the_runtime_are_those_of_wrap(self):
        known = documented.spellings(documented.options_of("wrap"))
        found = re.findall(r"NOTIFYBRIDGE_OPTIONS=\"?(--[a-z-]+)", TEXT + "".join(blocks("sh")))
        self.assertGreater(len(found), 3)
        for option in found:
            self.assertIn(option, known)

    @unittest.skipUnless(shutil.which("systemd-analyze"), "there is no systemd-analyze")
    def test_units_are_well_formed(self):
        for number, unit in enumerate(blocks("ini")):
            # systemd requires that the programs exist.
            unit = re.sub(r"(?<=^Exec)(\w+=-?)(?:%h)?/\S+", rf"\1{documented.EXECUTABLE}", unit, flags=re.M)
            with tempfile.TemporaryDirectory(prefix="notifybridge-test.") as directory:
                triggers = [kind for kind in ("socket", "timer") if f"[{kind.title()}]" in unit]
                kind = triggers[0] if triggers else "service"
                path = os.path.join(directory, f"readme-{number}.{kind}")
                with open(path, "w", encoding="utf-8") as file:
                    file.write(unit)
                # The unit may require or start units that are missing on this machine.
                needed = re.findall(r"^Requires=(\S+)$", unit, re.M)
                if triggers:
                    needed.append(f"readme-{number}.service")
                for required in needed:
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
            # A unit with `notifybridge run` and podman does not need KillMode=.
            if "/notifybridge run " in unit and "podman" in unit:
                self.assertNotIn("KillMode=", unit)
            elif re.search("--replace|docker run|distrobox|bwrap|nspawn", unit):
                self.assertIn("KillMode=mixed\n", unit)


documented.main()
