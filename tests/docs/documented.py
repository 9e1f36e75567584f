"""Provides the options and verbs in the executable's own help to the tests of documents."""

import os
import re
import subprocess
import sys
import tempfile
import time
import unittest

EXECUTABLE = os.environ.get("NOTIFYBRIDGE", "")
SOURCE = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
MAN = os.path.join(SOURCE, "man")
COMPLETIONS = os.path.join(SOURCE, "completions")
SKIPPED = 77

# These names select a subcommand. They are documented and completed like the subcommand.
ALIASES = {"container-notify-wrapper": "wrap", "host-notify-waiter": "wait"}


def help_of(*words, columns=""):
    return help_of_program(EXECUTABLE, *words, columns=columns)


def help_of_program(*command, columns=""):
    return subprocess.run(
        [*command, "--help"],
        env=os.environ | {"COLUMNS": str(columns)},
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    ).stdout


def subcommands():
    names = re.findall(r"^  ([a-z]+) ", help_of(), re.MULTILINE)
    assert names, "the overview names no subcommand"
    return names


def summaries():
    """Returns the description of each subcommand in the overview, as one line."""
    text = re.sub(r"\n {12}", " ", help_of())
    return dict(re.findall(r"^  ([a-z]+) +(.*)$", text, re.MULTILINE))


def verbs():
    """Returns the verbs in the help of ctl."""
    lines = re.search(r"^Verbs.*\n((?:  .*\n)+)", help_of("ctl"), re.MULTILINE)[1]
    return re.findall(r"[a-z-]+", lines)


def options_of(subcommand):
    """Returns the options in the form of --help: "-d, --shared-dir=PATH"."""
    found = re.findall(r"^ {2,6}((?:-\w, )?--[a-z-]+(?:\[?=\S+)?)", help_of(subcommand), re.MULTILINE)
    assert "-h, --help" in found, (subcommand, found)
    return found


def overview_options():
    """Returns the options of notifybridge itself, which its synopsis names."""
    return re.findall(r"\[(--[a-z]+)\]", help_of().split("\n", maxsplit=1)[0])


def spellings(options):
    """Returns the spellings that users can type for options: ["-d", "--shared-dir"]."""
    return [word for option in options for word in re.findall(r"(?:^|(?<=, ))--?[a-zA-Z-]+", option)]


def blocks(path):
    """Returns the code blocks of a Markdown file or of a manual page, each as (heading, language,
    text).

    If the language of a block in a manual page matters, a comment above the block names it:
    .\\" sh
    .Bd -literal -offset indent
    """
    with open(path, encoding="utf-8") as file:
        text = file.read()
    if path.endswith(".md"):
        heading, begin, end = r"^#+ (.*)$", r"^```(\w*)$", r"^```$"
    else:
        heading, begin, end = r"^\.S[hs] (.*)$", r'^(?:\.\\" (\w+)\n)?\.Bd -literal[^\n]*$', r"^\.Ed$"
    block = re.compile(rf"{begin}\n(.*?){end}", re.MULTILINE | re.DOTALL)
    below, at, found = "", 0, []
    while True:
        inside = block.search(text, at)
        # A line in a block is not a heading, even if it looks like one.
        for line in re.finditer(heading, text[at : inside.start() if inside else None], re.MULTILINE):
            below = line[1]
        if not inside:
            return found
        found.append((below, inside[1] or "", inside[2] if path.endswith(".md") else unescaped(inside[2])))
        at = inside.end()


def unescaped(text):
    """Returns a literal block as readers of the page see it. Supports only the few escapes that the
    pages use."""
    assert not re.search(r"\\[^&e]", text), f"an escape that is not known here: {text}"
    return text.replace(r"\&", "").replace(r"\e", "\\")


def skip(reason):
    print("skipped:", reason)
    sys.exit(SKIPPED)


class CompletionCase(unittest.TestCase):
    """Tests that the completions of each shell must pass. Each subclass queries one shell."""

    def setUp(self):
        self.maxDiff = None
        directory = tempfile.TemporaryDirectory(prefix="notifybridge-test.")
        self.addCleanup(directory.cleanup)
        self.dir = directory.name
        binaries = os.path.join(self.dir, "bin")
        os.mkdir(binaries)
        for name in ["notifybridge", *ALIASES]:
            os.symlink(EXECUTABLE, os.path.join(binaries, name))
        self.environment = {
            "PATH": f"{binaries}:{os.environ['PATH']}",
            "HOME": self.dir,
            "XDG_CONFIG_HOME": self.dir,
            "LC_ALL": "C.UTF-8",
            "TERM": "dumb",
        }

    def offered(self, line):
        """Returns the words that the shell offers for the last word of LINE."""
        raise NotImplementedError

    def run_shell(self, *command):
        return subprocess.run(
            command, env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            check=True, text=True, timeout=60, cwd=self.dir,
        ).stdout

    def assert_offered(self, line, wanted):
        with self.subTest(line):
            # Some shells append "=" to show that a value follows.
            offered = {word.removesuffix("=") for word in self.offered(line)}
            self.assertEqual(sorted(offered), sorted(set(wanted)))

    def test_subcommands_are_completed(self):
        self.assert_offered("notifybridge ", subcommands())
        self.assert_offered("notifybridge help ", subcommands())
        self.assert_offered("notifybridge --", overview_options())

    def test_options_are_those_of_the_help(self):
        for name in subcommands():
            self.assert_offered(f"notifybridge {name} -", spellings(options_of(name)))
        for alias, name in ALIASES.items():
            self.assert_offered(f"{alias} -", spellings(options_of(name)))

    def test_options_are_completed_after_another_option(self):
        for before in ("--timeout 5", "-t 5", "--timeout=5"):
            offered = self.offered(f"host-notify-waiter {before} --stop-")
            self.assertEqual([word.removesuffix("=") for word in offered], ["--stop-timeout"], before)

    def test_values_are_completed(self):
        levels = ["error", "warning", "notice", "info", "debug"]
        for line in (
            "notifybridge wait --log-level ",
            "host-notify-waiter --verbose --log-level=",
        ):
            offered = [word.removeprefix("--log-level=") for word in self.offered(line)]
            self.assertEqual(sorted(offered), sorted(levels), line)
        self.assertEqual(self.offered("container-notify-wrapper --allow RESTART"), ["RESTART_RESET"])

    def test_probes_are_those_of_the_option(self):
        both = ["listen", "listen:", "http://", "http+unix://", "tcp:", "unix:", "file:", "exec:", "healthy"]
        ready = [*both, "log:", "fd:", "systemd:", "exit", "start", "notify"]
        self.assert_offered("notifybridge wrap --ready-when ", ready)
        self.assert_offered("container-notify-wrapper --alive-when ", [*both, "process"])

    def test_directories_are_completed(self):
        os.mkdir(os.path.join(self.dir, "shared"))
        with open(os.path.join(self.dir, "sham"), "w", encoding="utf-8"):
            pass
        for line in (
            "host-notify-waiter --shared-dir sha",
            "host-notify-waiter -d sha",
            "notifybridge status sha",
        ):
            offered = [word.removesuffix("/") for word in self.offered(line)]
            self.assertEqual(offered, ["shared"], line)

    def test_status_offers_units_that_have_a_bridge(self):
        program = os.path.join(self.dir, "bin", "notifybridge")
        os.unlink(program)
        with open(program, "w", encoding="utf-8") as file:
            file.write(
                "#!/bin/sh\n"
                'case $* in "status --all") printf "%s\\n" "$LISTED" ;;\n'
                f'*) exec {EXECUTABLE} "$@" ;; esac\n'
            )
        os.chmod(program, 0o755)
        self.environment["LISTED"] = (
            "● redis.service        ready      1h 2min  /run/redis \"other.service x\"\n"
            "○ nginx.service        no run              /run/nginx\n"
            "● -                    ready      3s       /run/by-hand"
        )
        self.assert_offered("notifybridge status re", ["redis.service"])
        self.assert_offered("notifybridge status n", ["nginx.service"])

    def test_a_command_is_completed_after_the_options(self):
        for line in (
            "container-notify-wrapper container-notify-wr",
            "host-notify-waiter --verbose -- container-notify-wr",
            "notifybridge wait --shared-dir=/tmp -t 5 container-notify-wr",
        ):
            self.assertEqual(set(self.offered(line)), {"container-notify-wrapper"}, line)
        line = "host-notify-waiter --verbose notifybridge wrap --socket"
        offered = [word.removesuffix("=") for word in self.offered(line)]
        self.assertEqual(offered, ["--socket-mode"])

    def test_container_managers_are_completed(self):
        self.assert_offered("notifybridge run ", ["podman", "docker", "nerdctl"])
        self.assert_offered("notifybridge run --timeout 5 pod", ["podman"])
        offered = self.offered("notifybridge run notifybridge wrap --socket")
        self.assertEqual([word.removesuffix("=") for word in offered], ["--socket-mode"])

    def test_a_runtime_is_completed_as_a_file(self):
        with open(os.path.join(self.dir, "crun-new"), "w", encoding="utf-8"):
            pass
        offered = self.offered("notifybridge runtime --runtime crun-")
        self.assertEqual(offered, ["crun-new"])

    def test_verbs_are_completed(self):
        self.assert_offered("notifybridge ctl ", verbs())
        self.assert_offered("notifybridge ctl --type service list-s", ["list-sockets"])

    def test_options_are_completed_after_a_verb(self):
        self.assert_offered("notifybridge ctl status --no-l", ["--no-legend"])

    def test_values_of_verbs_are_completed(self):
        self.assert_offered("notifybridge ctl list-units --type so", ["socket"])
        self.assert_offered("notifybridge ctl start --job-mode ignore-d", ["ignore-dependencies"])
        self.assert_offered("notifybridge ctl kill -s SIGTER", ["SIGTERM"])

    def test_units_are_completed(self):
        root = os.path.join(self.dir, "root")
        units = os.path.join(root, "etc", "systemd", "system")
        os.makedirs(units)
        for name in ("here.service", "there.service"):
            with open(os.path.join(units, name), "w", encoding="utf-8") as file:
                file.write("[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=true\n")
        self.start_init(root, "here.service")
        self.assert_offered(f"notifybridge ctl --root {root} stop he", ["here.service"])
        self.assert_offered(f"notifybridge ctl --root {root} enable th", ["there.service"])

    def start_init(self, root, unit):
        process = subprocess.Popen(
            [EXECUTABLE, "init", f"--root={root}", f"--unit={unit}"],
            env={"PATH": os.environ["PATH"]},
            stdout=subprocess.DEVNULL,
        )
        self.addCleanup(process.wait, 60)
        self.addCleanup(process.terminate)
        asked = [EXECUTABLE, "ctl", f"--root={root}", "is-system-running", "--wait", "--quiet"]
        deadline = time.monotonic() + 60
        # The command fails until init listens.
        while subprocess.run(asked, stderr=subprocess.DEVNULL, check=False).returncode != 0:
            self.assertIsNone(process.poll(), "init has ended")
            self.assertLess(time.monotonic(), deadline, "init does not listen")
            time.sleep(0.01)

    def test_messages_are_completed(self):
        self.assertEqual(self.offered("notifybridge send READ"), ["READY=1"])


def main():
    if not EXECUTABLE:
        print("NOTIFYBRIDGE must name the executable to test")
        sys.exit(99)
    result = unittest.main(verbosity=2, exit=False).result
    sys.exit(1 if not result.wasSuccessful() else SKIPPED if result.skipped else 0)


def print_block(path, heading, language, number):
    """Prints a block for a test in shell: block number N (from 1) of a language below a heading.
    """
    found = [text for below, kind, text in blocks(path) if (below, kind) == (heading, language)]
    assert len(found) >= int(number), f"{path} has {len(found)} blocks in {language} below {heading}"
    sys.stdout.write(found[int(number) - 1])


if __name__ == "__main__":
    print_block(*sys.argv[1:])
