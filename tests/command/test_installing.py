#!/usr/bin/python3
"""Tests what tests/run and tests/demo install, and when they ask first."""

import os
import pty
import shutil
import subprocess
import tempfile
import unittest

import bridge

TESTS = os.path.realpath(os.path.join(bridge.HERE, ".."))

# This code pretends to be root on a Debian without the packages. The function that would install
# packages only prints their names.
BEGIN = f"""
. {TESTS}/packages.sh
id() {{ echo 0; }}
missing_of() {{ for package; do echo "$package"; done; }}
dpkg-query() {{ :; }}
build_packages=(meson)
install_packages() {{ echo "installing $*"; }}
cd /
"""

# `tests/run --yes` exports its answer to the tests that it runs.
NOBODY_HAS_SAID_YES = {"ASSUME_YES": ""}


class Installing(unittest.TestCase):
    def run_to_end(self, code, **env):
        """Runs the script without a terminal. Returns the exit status and the output."""
        result = subprocess.run(
            ["bash", "-eu", "-c", BEGIN + code, "tests/run"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=os.environ | NOBODY_HAS_SAID_YES | env,
            text=True,
            check=False,
            timeout=bridge.PATIENCE,
        )
        return result.returncode, result.stdout

    def run_on_terminal(self, code, answer, **env):
        """Runs the script on a terminal on which a user has typed this answer."""
        pid, terminal = pty.fork()
        if pid == 0:
            os.environ.update(NOBODY_HAS_SAID_YES | env)
            os.execvp("bash", ["bash", "-eu", "-c", BEGIN + code, "tests/run"])
        os.write(terminal, answer.encode())
        shown = b""
        try:
            while part := os.read(terminal, 4096):
                shown += part
        except OSError:
            pass  # When no process has the terminal open any more, reading reports an error.
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        os.close(terminal)
        return status, shown.decode().replace("\r\n", "\n")

    def test_the_demo_builds_if_there_is_no_build_directory(self):
        with tempfile.TemporaryDirectory() as tree:
            shutil.copytree(f"{TESTS}/demos", f"{tree}/tests/demos")
            with open(f"{tree}/tests/run", "w", encoding="utf-8") as file:
                file.write('#!/bin/sh\ncd "$(dirname "$0")/.." && mkdir build && : >build/notifybridge\n')
            os.chmod(f"{tree}/tests/run", 0o755)
            # show.sh finds the tree from the path of the demonstration that sources it.
            with open(f"{tree}/tests/demos/any", "w", encoding="utf-8") as file:
                file.write('. "$(dirname "$0")/show.sh"; begin; ls "$DEMO_DIR/bin"\n')
            code = f'env --unset=NOTIFYBRIDGE bash -eu "{tree}/tests/demos/any"'
            status, shown = self.run_to_end(code)
        self.assertEqual(status, 0, shown)
        self.assertIn("container-notify-wrapper\nhost-notify-waiter\nnotifybridge\n", shown)

    def test_without_a_terminal_no_question_is_asked(self):
        status, shown = self.run_to_end("provide_packages podman")
        self.assertEqual((status, shown), (0, "installing meson\ninstalling podman\n"))

    def test_on_a_terminal_the_list_is_shown_first(self):
        status, shown = self.run_on_terminal("provide_packages podman", "\n")
        self.assertEqual(status, 0)
        question = shown.index("Install them? [Y/n]")
        self.assertIn("    meson podman\n", shown[:question])
        self.assertNotIn("installing", shown[:question])
        self.assertIn("installing meson\ninstalling podman\n", shown[question:])

    def test_the_option_yes_skips_the_question(self):
        status, shown = self.run_on_terminal("provide_packages podman", "", ASSUME_YES="yes")
        self.assertEqual((status, shown), (0, "installing meson\ninstalling podman\n"))

    def test_declining_installs_nothing(self):
        status, shown = self.run_on_terminal("provide_packages podman; echo goes on", "n\n")
        self.assertEqual(status, 1, "nothing can be built")
        self.assertNotIn("installing", shown)
        code = "build_packages=(); provide_packages podman; echo goes on"
        status, shown = self.run_on_terminal(code, "n\n")
        self.assertEqual(status, 0)
        self.assertTrue(shown.endswith("tests/run: continuing without: podman\ngoes on\n"), shown)

    def test_without_a_network_only_optional_packages_are_skipped(self):
        offline = "install_packages() { return 100; }; build_packages=(); "
        status, shown = self.run_to_end(offline + "offer_packages podman; echo goes on")
        self.assertEqual(status, 0)
        self.assertIn("continuing without: podman\ngoes on\n", shown)
        status, shown = self.run_to_end(offline + "provide_packages podman; echo goes on")
        self.assertEqual((status, shown.count("goes on")), (1, 0))
        offline = "install_packages() { return 100; }; "
        status, shown = self.run_to_end(offline + "offer_packages podman; echo goes on")
        self.assertEqual((status, shown.count("goes on")), (1, 0), "nothing can be built")

    def packages_of(self, *suites):
        result = subprocess.run(
            [os.path.join(TESTS, "run"), "--packages", *suites],
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        return set(result.stdout.split())

    def test_each_suite_needs_only_its_own_packages(self):
        self.assertEqual(self.packages_of("unit", "loop"), set())
        command, system = self.packages_of("command"), self.packages_of("system")
        servers = {"openssh-server", "docker.io", "lxc", "redis-server"}
        self.assertLessEqual(servers, system)
        self.assertEqual(servers & command, set())
        self.assertLessEqual({"zsh", "lintian"}, command - system)
        self.assertEqual(self.packages_of("command", "system"), command | system)


if __name__ == "__main__":
    bridge.main()
