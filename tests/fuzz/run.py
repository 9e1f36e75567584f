#!/usr/bin/python3
"""Runs a fuzzer for 2 seconds, or for an hour if NOTIFYBRIDGE_LONG=1 is set.

run.py NAME [EXECUTABLE]

The fuzzer starts with the inputs in seeds/NAME, and with useful inputs of earlier runs, which are
in corpus-NAME in the current directory. NOTIFYBRIDGE_FUZZ_SECONDS=N sets another duration. Without
a corpus, each run tries the same inputs in the same order, so that a failure can be repeated on
another machine. With NOTIFYBRIDGE_LONG=1 or NOTIFYBRIDGE_FUZZ_SEED=0, each run tries different
inputs; another seed N gives the inputs of that seed. An input that ends the fuzzer is printed as
a bytes literal of Python, and stored in found-NAME. EXECUTABLE FILE runs such an input again.
"""

import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.realpath(__file__))
SKIPPED = 77
# One input takes microseconds, but all processors may be busy. The address sanitizer needs most of
# the memory.
LIMITS = ["-timeout=60", "-rss_limit_mb=2048", "-max_len=8192"]
# The order of inputs must be the same in each run. So addresses are fixed, and the corpus is read
# only once.
FIXED_ADDRESSES = ["setarch", "-R"]
NO_RELOAD = "-reload=0"
# The additional time in seconds for reading the corpus and for ending.
GRACE = 600


def is_long():
    return os.environ.get("NOTIFYBRIDGE_LONG") == "1"


def seconds():
    return int(os.environ.get("NOTIFYBRIDGE_FUZZ_SECONDS", 3600 if is_long() else 2))


def seed():
    """Returns the seed of libFuzzer's random numbers. 0 means a different seed for each run."""
    return int(os.environ.get("NOTIFYBRIDGE_FUZZ_SEED", 0 if is_long() else 1))


def fixed_addresses():
    """Returns the command prefix that fixes addresses, or an empty list if the container does not
    allow this."""
    tried = subprocess.run([*FIXED_ADDRESSES, "true"], stderr=subprocess.DEVNULL)
    return FIXED_ADDRESSES if tried.returncode == 0 else []


def show(path):
    with open(path, "rb") as file:
        content = file.read()
    print(f"--- the input, {len(content)} bytes, in {path}:\n{content!r}", flush=True)


def fuzz(name, executable, scratch):
    """Runs the fuzzer. Returns 0 if it has executed inputs and found nothing, otherwise 1."""
    corpus, found = os.path.realpath(f"corpus-{name}"), os.path.realpath(f"found-{name}")
    for directory in (corpus, found):
        os.makedirs(directory, exist_ok=True)
    before = set(os.listdir(found))
    seeds = os.path.join(HERE, "seeds", name)
    command = [
        *fixed_addresses(),
        os.path.realpath(executable),
        *LIMITS,
        NO_RELOAD,
        f"-max_total_time={seconds()}",
        f"-seed={seed()}",
        f"-artifact_prefix={found}/",
        "-print_final_stats=1",
        corpus,
        *([seeds] if os.path.isdir(seeds) else []),
    ]
    with open(os.path.join(scratch, "log"), "w+", encoding="utf-8", errors="replace") as log:
        try:
            status = subprocess.run(
                command,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, "TMPDIR": scratch},
                timeout=seconds() + GRACE,
            ).returncode
        except subprocess.TimeoutExpired:
            status = "a time-out"
        log.seek(0)
        said = log.read()
    runs = re.search(r"stat::number_of_executed_units: *(\d+)", said)
    if status == 0 and runs:
        speed = re.search(r"stat::average_exec_per_sec: *(\d+)", said)
        print(f"{name}: {runs[1]} inputs, {speed[1]} a second, nothing found")
        return 0
    print(said[-20000:])
    for file in sorted(set(os.listdir(found)) - before):
        show(os.path.join(found, file))
    print(f"{name} ended with {status}")
    return 1


def main():
    name, *rest = sys.argv[1:]
    if not rest:
        print("skipped: there was no clang++ when the build directory was made")
        return SKIPPED
    if not os.path.exists(rest[0]):
        print(f"there is no {rest[0]}; build it with `ninja fuzzers`, or use tests/run")
        return 1
    # Use a file system in memory if possible, because the journal's fuzzer creates files all the
    # time.
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="notifybridge-fuzz-", dir=memory) as scratch:
        return fuzz(name, rest[0], scratch)


sys.exit(main())
