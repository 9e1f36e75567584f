#!/usr/bin/python3
"""Tests what users type to find their way: names, --help, --version and typing errors."""

import os
import re
import subprocess

import bridge

PAGES = os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "..", "man")
# Each subcommand has a manual page; see docs-manual.
SUBCOMMANDS = re.findall(r"^notifybridge-(\w+)\.1$", "\n".join(os.listdir(PAGES)), re.MULTILINE)


class Dispatch(bridge.Case):
    def assert_help(self, result, *words):
        status, out, err = result
        self.assertEqual((status, err), (0, ""))
        for word in words:
            self.assertIn(word, out)

    def test_help_names_every_subcommand(self):
        self.assert_help(self.run_to_end("notifybridge", "--help"), *SUBCOMMANDS)

    def test_without_arguments_help_is_shown_with_status_1(self):
        status, out, _ = self.run_to_end("notifybridge")
        self.assertEqual(status, 1)
        for name in SUBCOMMANDS:
            self.assertIn(name, out)

    def test_every_subcommand_has_its_own_help(self):
        for name in SUBCOMMANDS:
            with self.subTest(name):
                self.assert_help(self.run_to_end("notifybridge", name, "--help"), name, "--help")

    def test_help_with_a_name_shows_the_help_of_that_subcommand(self):
        for name in SUBCOMMANDS:
            with self.subTest(name):
                asked = self.run_to_end("notifybridge", "help", name)
                self.assertEqual(asked, self.run_to_end("notifybridge", name, "--help"))

    def test_help_of_help_is_the_overview(self):
        for word in ("help", "--help", "-h"):
            asked = self.run_to_end("notifybridge", "help", word)
            self.assertEqual(asked, self.run_to_end("notifybridge", "help"))
            self.assert_help(asked, *SUBCOMMANDS)

    def test_the_program_name_selects_the_subcommand(self):
        for called, option in (
            (bridge.WRAP, "--kill-after"),
            (bridge.WAIT, "--until"),
            (bridge.SEND, "--ready"),
            (bridge.CTL, "--kill-whom"),
        ):
            with self.subTest(called):
                self.assert_help(self.run_to_end(called, "--help"), option)

    def test_an_unknown_program_name_selects_no_subcommand(self):
        for called in ("", "directory/", "something-else"):
            with self.subTest(called):
                result = subprocess.run(
                    [called, "--help"],
                    executable=bridge.EXECUTABLE,
                    # If cwd is set, Python does not call posix_spawn, which would not pass an empty
                    # name.
                    cwd="/",
                    capture_output=True,
                    text=True,
                    timeout=bridge.PATIENCE,
                )
                self.assert_help((result.returncode, result.stdout, result.stderr), *SUBCOMMANDS)

    def test_typed_control_characters_are_escaped(self):
        for words in (["wr\x1b[31map"], ["--a\x1b[31m"], ["wrap", "--a\x1b[31m"], ["ctl", "--a\x1b"]):
            with self.subTest(words):
                _, out, err = self.run_to_end("notifybridge", *words)
                self.assertNotIn("\x1b", out + err)
                self.assertIn("\\x1b", err)

    def test_version_prints_the_version(self):
        for name in ("notifybridge", bridge.WRAP, bridge.WAIT, bridge.SEND, bridge.CTL):
            with self.subTest(name):
                status, out, err = self.run_to_end(name, "--version")
                self.assertEqual((status, err), (0, ""))
                self.assertRegex(out, re.compile(r"^notifybridge .*\d+\.\d+\.\d+$", re.MULTILINE))

    def test_systemctl_version_starts_with_a_number(self):
        _, out, _ = self.run_to_end(bridge.CTL, "--version")
        # deb-systemd-invoke(1) uses this expression.
        self.assertRegex(out, r"^systemd ([0-9]+) \(.*\nnotifybridge version ")
        _, out, _ = self.run_to_end("notifybridge", "ctl", "--version")
        self.assertRegex(out, "^notifybridge version ")

    def test_an_unsupported_systemctl_option_is_recognized(self):
        for words, told in (
            (["--user", "start", "a"], "'--user' is not an option of this command, but of system"),
            (["--machine=a", "status"], "'--machine' is not an option of this command, but of sys"),
            (["-H", "host", "status"], "'-H' is not an option of this command, but of systemctl"),
            (["-Mbox", "status"], "'-M' is not an option of this command, but of systemctl"),
            (["-Z"], "invalid option -- 'Z'"),
            (["--users", "start", "a"], "unrecognized option '--users'"),
        ):
            with self.subTest(words):
                status, _, err = self.run_to_end(bridge.CTL, *words)
                self.assertEqual(status, 1)
                self.assertIn(told, err)

    def test_help_and_version_ignore_later_words(self):
        for name in SUBCOMMANDS:
            for question in ("--help", "--version"):
                asked = self.run_to_end("notifybridge", name, question)
                with self.subTest(name, question=question):
                    words = ["notifybridge", name, question]
                    for more in (["--nosuch"], ["-x"], ["--help", "--version"], ["--version", "-h"]):
                        self.assertEqual(self.run_to_end(*words, *more), asked)
            with self.subTest(name):
                asked = self.run_to_end("notifybridge", name, "--help")
                self.assertEqual(self.run_to_end("notifybridge", name, "-hx"), asked)

    def test_a_mistyped_subcommand_gets_a_suggestion(self):
        for typed, meant in (("wiat", "wait"), ("wrpa", "wrap"), ("stauts", "status"), ("inti", "init")):
            with self.subTest(typed):
                status, out, err = self.run_to_end("notifybridge", typed)
                self.assertEqual((status, out), (1, ""))
                self.assertIn(f"'{typed}'", err)
                self.assertRegex(err, rf"\b{meant}\b")

    def test_a_prefix_gets_all_matching_subcommands(self):
        for typed, meant in (
            ("stat", ["status"]),
            ("sen", ["send"]),
            ("wa", ["wait"]),
            ("w", ["wrap", "wait"]),
            ("s", ["send", "status"]),
        ):
            with self.subTest(typed):
                status, out, err = self.run_to_end("notifybridge", typed)
                self.assertEqual((status, out), (1, ""))
                heading = "commands are" if len(meant) > 1 else "command is"
                similar = "".join(f"\t{name}\n" for name in meant)
                self.assertTrue(err.endswith(f"\nThe most similar {heading}\n{similar}"), err)

    def test_a_container_manager_as_subcommand_suggests_run(self):
        for typed in ("podman", "docker", "/usr/bin/nerdctl"):
            with self.subTest(typed):
                status, out, err = self.run_to_end("notifybridge", typed, "run", "redis")
                self.assertEqual((status, out), (1, ""))
                self.assertTrue(err.endswith(f"\nThe most similar command is\n\trun {typed}\n"), err)

    def test_a_misplaced_option_gets_a_suggestion(self):
        for typed, status, advice in (
            ("version", 1, "The most similar command is\n\t--version\n"),
            ("vers", 1, "The most similar command is\n\t--version\n"),
            ("--hepl", 129, "unknown option '--hepl'. Did you mean '--help'?\n"),
            ("--verison", 129, "unknown option '--verison'. Did you mean '--version'?\n"),
            ("--ready-when=exit", 129, "This is an option of wrap and run: write it after the name of the subcommand.\n"),
            ("--frobnicate", 129, "See 'notifybridge --help'.\n"),
        ):
            with self.subTest(typed):
                result = self.run_to_end("notifybridge", typed)
                self.assertEqual(result[:2], (status, ""))
                self.assertTrue(result[2].endswith(advice), result[2])

    def test_a_wrong_option_has_the_status_that_the_manual_lists(self):
        with open(os.path.join(PAGES, "notifybridge.1"), encoding="utf-8") as page:
            section = page.read().split(".Sh EXIT STATUS")[1]
        listed = {
            name: int(status)
            for names, status in re.findall(r"^\.It Cm (.*) Ta (\d+)$", section, re.MULTILINE)
            for name in re.findall(r"[a-z]+", names)
        }
        # `runtime` is missing, because it passes the option to the real runtime.
        self.assertEqual(set(listed), set(SUBCOMMANDS) - {"runtime"})
        for name, wanted in listed.items():
            with self.subTest(name):
                status, out, err = self.run_to_end("notifybridge", name, "--nosuch")
                self.assertEqual((status, out), (wanted, ""))
                self.assertIn("--nosuch", err)

    def test_an_unquoted_probe_gets_advice_to_quote_it(self):
        words = ["--alive-when=exec:redis-cli", "ping", "podman", "run", "redis"]
        status, out, err = self.run_to_end("notifybridge", "run", *words)
        self.assertEqual((status, out), (125, ""))
        self.assertIn(
            "'ping' is not a container manager; quote the probe: \"--alive-when=exec:redis-cli ping\"",
            err,
        )

    def test_an_unknown_name_gets_no_suggestion(self):
        for typed in ("", "frobnicate"):
            with self.subTest(typed):
                status, out, err = self.run_to_end("notifybridge", typed)
                self.assertEqual((status, out), (1, ""))
                self.assertNotIn("similar", err)

    def test_a_mistyped_option_gets_a_suggestion(self):
        status, _, err = self.run_to_end(bridge.WAIT, "--timout=3", "true")
        self.assertEqual(status, 125)
        self.assertIn("--timout", err)
        self.assertIn("--timeout", err)

    def test_each_verb_in_the_help_exists(self):
        _, out, _ = self.run_to_end("notifybridge", "ctl", "--help")
        lines = re.search(r"^Verbs.*\n((?:  .*\n)+)", out, re.MULTILINE)[1]
        found = re.findall(r"[a-z-]+", lines)
        self.assertGreater(len(found), 30)
        for verb in found:
            with self.subTest(verb):
                # There is no manager for these calls, and some calls have too few arguments.
                _, _, err = self.run_to_end("notifybridge", "ctl", f"--root={self.dir}", verb)
                self.assertNotIn("Unknown command verb", err)

    def test_a_mistyped_verb_gets_a_suggestion(self):
        status, out, err = self.run_to_end(bridge.CTL, "daemon-relaod")
        self.assertEqual((status, out), (1, ""))
        self.assertIn("daemon-relaod", err)
        self.assertIn("daemon-reload", err)

    def test_ctl_without_a_manager_names_the_searched_directory(self):
        status, out, err = self.run_to_end("notifybridge", "ctl", f"--root={self.dir}", "list-units")
        self.assertEqual((status, out), (1, ""))
        self.assertIn(f"{self.dir}/run/notifybridge", err)

    def test_init_refuses_invalid_arguments(self):
        for wrong, said in (
            ([f"--root={self.path('nothing')}"], "is not a directory"),
            (["--unit=a b"], "not a unit name"),
            (["multi-user.target"], "is not an option"),
            (["--uint=a.service"], "--unit"),
        ):
            with self.subTest(wrong):
                status, out, err = self.run_to_end("notifybridge", "init", *wrong)
                self.assertEqual((status, out), (1, ""))
                self.assertIn(said, err)

    def test_status_accepts_only_one_directory(self):
        for both in ((self.dir, "/var"), (f"--shared-dir={self.dir}", "/var")):
            with self.subTest(both):
                status, out, err = self.run_to_end("notifybridge", "status", *both)
                self.assertEqual((status, out), (2, ""))
                self.assertIn('"/var" is one argument too many', err)

    def print_to(self, output, name, *arguments):
        """Returns (status, standard error)."""
        result = subprocess.run(
            self.command(name, *arguments),
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.PIPE,
            text=True,
            timeout=bridge.PATIENCE,
            restore_signals=False,
        )
        return result.returncode, result.stderr

    def test_a_failed_write_of_output_is_a_failure(self):
        self.start(bridge.WRAP, *bridge.IDLE)
        bridge.eventually("wrap is up", lambda: "STATE=starting" in self.container_status())
        os.makedirs(self.path("etc/systemd/system"))
        with open(self.path("etc/systemd/system/a.service"), "w") as unit:
            unit.write("[Service]\nExecStart=/bin/true\n")
        root = f"--root={self.dir}"
        for words in (
            ["--help"],
            ["--version"],
            ["help", "wrap"],
            *([name, option] for name in SUBCOMMANDS for option in ("--help", "--version")),
            ["status", self.shared],
            ["status", "--json", self.shared],
            ["ctl", root, "list-unit-files"],
            ["ctl", root, "is-enabled", "a.service"],
            ["run", "--dry-run", "podman", "--runtime=crun", "run", "image"],
            ["send", "--fork", "--", *bridge.app("notify('READY=1')")],
        ):
            with self.subTest(words), open("/dev/full", "w") as full:
                status, err = self.print_to(full, "notifybridge", *words)
                self.assertNotEqual(status, 0)
                self.assertEqual(err.count("\n"), 1, err)
                self.assertRegex(err, r"write.*: No space left on device\n$")

    def test_a_closed_standard_output_receives_nothing(self):
        for words in (["--help"], ["run", "--dry-run", "podman", "--runtime=crun", "run", "image"]):
            with self.subTest(words):
                closing = ["sh", "-c", 'exec "$@" >&-', "sh", *self.command("notifybridge", *words)]
                result = subprocess.run(
                    closing, env=self.environment(), stderr=subprocess.PIPE, text=True, check=False
                )
                self.assertNotEqual(result.returncode, 0)
                self.assertRegex(result.stderr, r"write.*: Bad file descriptor\n$")

    def test_a_closed_pipe_gives_no_message(self):
        for words in (["--help"], ["ctl", "--help"], ["send", "--version"]):
            with self.subTest(words):
                reading, writing = os.pipe()
                os.close(reading)
                with os.fdopen(writing, "w") as output:
                    status, err = self.print_to(output, "notifybridge", *words)
                self.assertNotEqual(status, 0)
                self.assertEqual(err, "")

    def test_options_end_at_the_command(self):
        for before in ([], ["--"], ["--verbose"], ["--verbose", "--"]):
            with self.subTest(before):
                status, out, _ = self.run_to_end(bridge.WRAP, *before, "echo", "--help", "--", "-x")
                self.assertEqual((status, out), (0, "--help -- -x\n"))


bridge.main()
