#!/usr/bin/python3
"""Checks that clang accepts the same sources as g++, and prints no warnings.

By default, it compiles all headers and all code with coroutines, about which compilers differ most,
and combines the sources as Meson does. It compiles the sources alone that git has seen change last:
a source may use a name of another source, or need a header that only another source includes. With
NOTIFYBRIDGE_LONG=1, it compiles each source and each test alone, which takes minutes."""

import concurrent.futures
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LONG = os.environ.get("NOTIFYBRIDGE_LONG") == "1"
OLDEST = 16
SKIPPED = 77
RECENT = 40  # So many sources are compiled alone.


def arguments(command):
    """Returns the arguments of a compilation that affect how a source is read, without those about
    the output.

    Leaves out the header that GCC has precompiled, because each source includes what it needs.
    """
    words = iter(shlex.split(command))
    for word in words:
        if word in ("-MQ", "-MF", "-o", "-c", "-include"):
            next(words)
        elif word.startswith("-") and word != "-MD":
            yield word


def compile_with(clang, build, words, text=None):
    """Returns the output of clang for the source, which is empty if there is no fault."""
    done = subprocess.run(
        [clang, "-fsyntax-only", "-Werror", "-Wno-unknown-warning-option", *words],
        cwd=build,
        input=text,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return done.stdout + ("" if done.returncode == 0 else f"exit status {done.returncode}\n")


def has_coroutines(source):
    is_ours = source.is_relative_to(ROOT / "src") or source.is_relative_to(ROOT / "subcommands")
    return is_ours and re.search(r"\bco_(await|return)\b", source.read_text())


def sources(compiled):
    """Returns the files of a compilation: a source, or all sources that Meson has combined."""
    if not re.search(r"-unity\d+\.cpp$", compiled.name):
        return [compiled.resolve()]
    included = re.findall(r"^#include ?<(.*)>$", compiled.read_text(), re.MULTILINE)
    return [Path(source).resolve() for source in included]


def recently_changed():
    """Returns the sources that changed last, or an empty list if git does not know."""
    log = ["git", "-C", ROOT, "log", "-n", "200", "--name-only", "--format=", "--", "src", "subcommands"]
    try:
        names = subprocess.run(log, stdout=subprocess.PIPE, text=True, check=True).stdout.split()
    except (OSError, subprocess.CalledProcessError):
        return []
    changed = (ROOT / name for name in dict.fromkeys(names) if name.endswith(".cpp"))
    return [path for path in changed if path.exists()][:RECENT]


def jobs(build):
    """Returns the arguments of the compiler for each job, and the text of the source if no file
    contains it."""
    headers = sorted(path.relative_to(ROOT / "src") for path in (ROOT / "src").rglob("*.hpp"))
    text = "".join(f'#include "{header}"\n' for header in headers)
    main, known = ROOT / "subcommands" / "main.cpp", {}
    alone = recently_changed()
    for entry in json.loads((build / "compile_commands.json").read_text()):
        words = list(arguments(entry["command"]))
        compiled = Path(entry["directory"]) / entry["file"]
        ours = [source for source in sources(compiled) if source.is_relative_to(ROOT)]
        if main in ours:
            of_main = words
        # Two targets may compile the same sources.
        known.update({source: [*words, str(source)] for source in ours if LONG or source in alone})
        if not LONG and any(has_coroutines(source) for source in ours):
            known[tuple(ours)] = [*words, str(compiled)]
    yield [*of_main, "-x", "c++", "-"], text
    yield from ((words, None) for words in known.values())


def main(clang, build):
    version = subprocess.run([clang, "-dumpversion"], stdout=subprocess.PIPE, text=True, check=True)
    if int(version.stdout.split(".")[0]) < OLDEST:
        print(f"skipped: {clang} is {version.stdout.strip()}, and older than {OLDEST}")
        return SKIPPED
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        said = list(pool.map(lambda job: compile_with(clang, build, *job), jobs(Path(build).resolve())))
    print("".join(said), end="")
    print(f"clang {version.stdout.strip()} has read {len(said)}")
    return 1 if any(said) else 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        print("skipped: there was no clang++ when the build directory was made")
        sys.exit(SKIPPED)
    sys.exit(main(*sys.argv[1:]))
