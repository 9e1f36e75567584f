#!/usr/bin/python3
"""Plants bugs in copies of sources, and checks that the simulator finds each of them.

    plant_bugs.py [--quick] [--seconds=N] [--build=DIR] [BUG…]

Each bug is a patch in bugs/, which begins with a sentence that describes the bug. BUG is the
beginning of a patch's name. Only sources (.cpp) are patched. The patched sources are compiled into
a separate simulator, which runs with a few fixed seeds, for at most 60 s of processor time. The
table shows the time until a promise was broken, and which promise it was. In the sources without a
bug, no promise may be broken. Exits with 1 if a bug was not found, or if a patch does not apply.

--quick only checks that all patches apply, unless NOTIFYBRIDGE_LONG=1 is set. The suite runs it
like this. --build=DIR is the build directory of the simulator without a bug (default:
build/planted-bugs). There, each source is compiled by itself, so that a bug needs one compilation.
"""

import argparse
import concurrent.futures
import glob
import json
import os
import re
import resource
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.realpath(__file__))
TOP = os.path.realpath(os.path.join(HERE, "..", "..", ".."))
SIMULATOR = "tests/bridge/simulation/test_simulation"
# A run with one seed continues with the seeds after it, so these seeds are far apart.
SEEDS = (1, 1_000_000, 2_000_000)
SKIPPED = 77
BROKEN_PROMISE = re.compile(r"seed (\d+): (.*)")
CHANGED_FILE = re.compile(r"^\+\+\+ b/(\S+)", re.MULTILINE)
NO_BUG = "(no bug)"


def run(command, directory=None, **options):
    """Runs a command. If it fails, raises a RuntimeError with what it has printed."""
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True, **options)
    if done.returncode != 0:
        raise RuntimeError((done.stdout + done.stderr).strip()[-4000:])
    return done.stdout


class Bug:
    def __init__(self, path):
        self.path = path
        self.name = os.path.basename(path).removesuffix(".patch")
        with open(path, encoding="utf-8") as file:
            self.files = CHANGED_FILE.findall(file.read())

    def apply(self, directory):
        """Copies the sources that are patched to `directory`, and patches them there."""
        if not self.files or not all(name.endswith(".cpp") for name in self.files):
            raise RuntimeError("a bug has to change sources (.cpp)")
        for name in self.files:
            os.makedirs(os.path.dirname(os.path.join(directory, name)), exist_ok=True)
            shutil.copy(os.path.join(TOP, name), os.path.join(directory, name))
        if shutil.which("git"):
            command = ["git", "apply", "-p1", self.path]
        else:
            command = ["patch", "-p1", "--force", "--fuzz=0", "--input=" + self.path]
        # In a repository, git would skip files that are not below the current directory.
        env = {**os.environ, "GIT_CEILING_DIRECTORIES": os.path.dirname(directory)}
        run(command, directory, env=env)


class Build:
    """The build directory of the simulator without a bug."""

    def __init__(self, directory):
        self.directory = directory
        # Without this variable, ccache does not use its cache for sources with a precompiled
        # header.
        self.env = {"CCACHE_SLOPPINESS": "pch_defines,time_macros", **os.environ}
        if not os.path.exists(os.path.join(directory, "build.ninja")):
            run(["meson", "setup", "--buildtype=debug", "-Doptimization=1", "-Ddebug=false",
                 "-Dunity=off", directory, TOP], env=self.env)  # fmt: skip
        run(["ninja", "-C", directory, SIMULATOR], env=self.env)
        with open(os.path.join(directory, "compile_commands.json"), encoding="utf-8") as file:
            self.compilations = json.load(file)
        commands = run(["ninja", "-C", directory, "-t", "commands", "-s", SIMULATOR])
        self.link = shlex.split(commands.splitlines()[-1])

    def compile(self, source, name, compiled):
        """Compiles `source`, which replaces the source `name` of the project."""
        for each in self.compilations:
            if each["file"].endswith("/" + name):
                command = shlex.split(each["command"])
                break
        else:
            raise RuntimeError(f"nothing is built from {name}")
        command[command.index("-o") + 1] = compiled
        command[command.index("-c") + 1] = source
        for option in ("-MF", "-MQ"):
            command[command.index(option) + 1] = compiled + ".d"
        run(command, self.directory, env=self.env)

    def make(self, bug, directory):
        """Builds the simulator with this bug. Returns its path."""
        if not bug:
            return os.path.join(self.directory, SIMULATOR)
        bug.apply(directory)
        compiled = []
        for name in bug.files:
            compiled.append(os.path.join(directory, name + ".o"))
            self.compile(os.path.join(directory, name), name, compiled[-1])
        executable = os.path.join(directory, "simulator")
        # The linker prefers these objects to the libraries, because they come first.
        place = self.link.index("-o")
        command = [*self.link[:place], "-o", executable, *compiled, *self.link[place + 2 :]]
        run(command, self.directory)
        return executable


def simulate(executable, seconds, memory):
    """Returns how many worlds and how many seconds of processor time it took until a promise was
    broken, and which one. Returns None for the promise if none was broken."""
    used = 0.0
    worlds = 0
    for seed in SEEDS:
        limit = seconds / len(SEEDS)
        command = [executable, "--run_test=simulation/no_world_breaks_a_promise", "--log_level=error",
                   "--", f"--seed={seed}", "--tells=1", "--events=1000000000"]  # fmt: skip
        with tempfile.TemporaryDirectory(dir=memory) as directory, tempfile.TemporaryFile() as said:
            process = subprocess.Popen(
                command,
                env={**os.environ, "TMPDIR": directory},
                stdout=said,
                stderr=said,
                preexec_fn=lambda limit=limit: resource.setrlimit(
                    resource.RLIMIT_CPU, (int(limit) + 1, int(limit) + 1)
                ),
            )
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            said.seek(0)
            text = said.read().decode(errors="replace")
        used += usage.ru_utime + usage.ru_stime
        worlds += len(re.findall(r"^seed \d+$", text, re.MULTILINE))
        found = BROKEN_PROMISE.search(text)
        if found:
            return worlds, used, f"{found[2]} (seed {found[1]})"
        # The kernel kills the simulator at the limit of processor time.
        if process.returncode != -signal.SIGKILL:
            return worlds, used, f"CRASH: {text.strip()[-200:]}"
    return worlds, used, None


def try_bug(bug, build, seconds):
    """Prints a line of the table. Returns whether the result is as expected."""
    name = bug.name if bug else NO_BUG
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    # Use the same path each time, so that ccache finds the compiled sources.
    directory = os.path.join(build.directory, "bugs", name)
    shutil.rmtree(directory, ignore_errors=True)
    os.makedirs(directory)
    try:
        worlds, used, promise = simulate(build.make(bug, directory), seconds, memory)
    except RuntimeError as error:
        print(f"{name}: {error}", flush=True)
        return False
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    said = promise or ("nothing was found" if not bug else "NOT FOUND")
    print(f"{name:44}{used:7.2f} s {worlds:7} worlds  {said}", flush=True)
    return (promise is None) == (bug is None) and not said.startswith("CRASH")


def check(bugs):
    """Checks that the patches apply."""
    is_right = True
    for bug in bugs:
        with tempfile.TemporaryDirectory() as directory:
            try:
                bug.apply(os.path.realpath(directory))
            except RuntimeError as error:
                print(f"{bug.name}: {error}")
                is_right = False
    print(f"{len(bugs)} bugs")
    return is_right


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("\n\n")[1].strip())
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--build", default=os.path.join(TOP, "build", "planted-bugs"))
    parser.add_argument("bugs", nargs="*")
    arguments = parser.parse_args()

    all_bugs = [Bug(path) for path in sorted(glob.glob(os.path.join(HERE, "bugs", "*.patch")))]
    wanted = tuple(arguments.bugs) or ("",)
    bugs = [bug for bug in all_bugs if bug.name.startswith(wanted)]
    if not bugs:
        sys.exit(f"plant_bugs.py: no bug begins with {' or '.join(wanted)}")
    if not shutil.which("git") and not shutil.which("patch"):
        print("neither git nor patch is installed")
        sys.exit(SKIPPED)
    if arguments.quick and os.environ.get("NOTIFYBRIDGE_LONG") != "1":
        sys.exit(not check(bugs))
    build = Build(os.path.realpath(arguments.build))
    print(f"{'bug':44}found after                by which promise", flush=True)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        tried = [pool.submit(try_bug, bug, build, arguments.seconds) for bug in [None, *bugs]]
        sys.exit(not all([each.result() for each in tried]))


if __name__ == "__main__":
    main()
