#!/usr/bin/python3
"""Compares the reports of `ctl verify` and systemd-analyze verify about unit files. It compares
whether the unit could be started, the lines with faults, the programs that cannot be run, and the
reasons that prevent a start.

The units are those of this system, some of them with an added fault. With NOTIFYBRIDGE_LONG=1, it
also downloads the units of more than 200 Debian packages, and adds many faults, different ones each
time. VERIFY_SEED=N repeats a run.
"""

import collections
import concurrent.futures
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile

import verify_faults
import verify_packages

NOTIFYBRIDGE = os.environ.get("NOTIFYBRIDGE", "")
LONG = os.environ.get("NOTIFYBRIDGE_LONG") == "1"
USUAL_SEED = 20252
UNITS = "/usr/lib/systemd/system"
TYPES = (".service", ".socket", ".target")
MOST_UNITS = 150  # The number of units of this system, except for a long run.
FAULTS = 80
LONG_FAULTS = 3000

Opinion = collections.namedtuple("Opinion", "is_good lines programs reasons has_service said")

LINE = re.compile(r"^(/.+?):(\d+): ")
THEIR_PROGRAM = re.compile(r"^\S+: Command (.+) is not executable: ")
OUR_PROGRAM = re.compile(r"^/\S+: (.+) does not exist or is not executable\.$")
THEIR_REASON = re.compile(r"^\S+: Failed to create \S+: (.+)$")
OUR_REASON = re.compile(r"^/\S+: cannot start this unit: (Unit .+|Transaction .+|Job .+)$")
THEIR_SERVICE = re.compile(r"service (unit for the socket|\S+ not loaded)")
OUR_SERVICE = re.compile(r"its service \S+ cannot be loaded\.")

# Directives for which differences are intended. notifybridge does not read their values, because it
# does not honour them. To check a value, it would need the names of all system calls, or as much
# code as for honouring the directive.
UNREAD = set(
    """
    SystemCallFilter SystemCallLog SystemCallErrorNumber RestrictFileSystems Personality CPUAffinity
    NUMAPolicy NUMAMask AllowedCPUs AllowedMemoryNodes CPUQuotaPeriodSec BindPaths BindReadOnlyPaths
    TemporaryFileSystem MountFlags MountImages ExtensionImages ExtensionDirectories RootImageOptions
    RootHash RootHashSignature TTYRows TTYColumns CoredumpFilter LogExtraFields LogNamespace
    SetCredential SetCredentialEncrypted LoadCredential LoadCredentialEncrypted DisableControllers
    NetworkNamespacePath IPCNamespacePath RestrictNetworkInterfaces IPIngressFilterPath
    IPEgressFilterPath BPFProgram SocketBindAllow SocketBindDeny IODeviceWeight IOReadBandwidthMax
    IOWriteBandwidthMax IOReadIOPSMax IOWriteIOPSMax IODeviceLatencyTargetSec ManagedOOMSwap
    ManagedOOMMemoryPressure ManagedOOMMemoryPressureLimit ManagedOOMPreference
    USBFunctionDescriptors USBFunctionStrings
    """.split()
)
# systemd-analyze silently ignores wrong values of these directives. [Install] is for systemctl
# enable, and a capability may belong to a newer kernel.
SILENT = {"WantedBy", "RequiredBy", "Alias", "Also", "DefaultInstance"}
SILENT |= {"CapabilityBoundingSet", "AmbientCapabilities"}


class Case:
    """A unit in a separate directory, which has priority over the directories of the system below
    `root`."""

    def __init__(self, name, root="", directory=""):
        self.name, self.root, self.directory = name, root, directory
        path = f"{directory}/{name}" if directory else f"{UNITS}/{name}"
        self.file = os.path.realpath(root + path)
        self.names = {name, os.path.basename(self.file)}

    def text(self):
        with open(self.file, encoding="utf-8", errors="surrogateescape") as file:
            return file.read()

    def ask(self, command):
        environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
        if self.directory:
            environment["SYSTEMD_UNIT_PATH"] = self.directory + ":"
        options = [f"--root={self.root}"] if self.root else []
        done = subprocess.run(
            [*command, *options, self.name], env=environment, capture_output=True, timeout=300
        )
        return done.returncode, done.stderr.decode(errors="replace")

    def is_of(self, path):
        """Returns whether `path` is the unit's file or one of its drop-ins."""
        *_, parent, name = path.split("/")
        return (parent.removesuffix(".d") if parent.endswith(".d") else name) in self.names

    def opinion(self, answer, program, reason, service):
        status, said = answer
        lines, programs, reasons = set(), set(), set()
        for text in said.splitlines():
            if (found := LINE.match(text)) and self.is_of(found[1]):
                lines.add((found[1].rpartition("/")[2], int(found[2])))
            elif found := program.match(text):
                programs.add(found[1])
            elif found := reason.match(text):
                reasons.add(contradiction(found[1]))
        return Opinion(status == 0, lines, programs, reasons, not service.search(said), said)

    def theirs(self):
        answer = self.ask(["systemd-analyze", "verify", "--man=no"])
        return self.opinion(answer, THEIR_PROGRAM, THEIR_REASON, THEIR_SERVICE)

    def ours(self):
        answer = self.ask([NOTIFYBRIDGE, "ctl", "verify"])
        return self.opinion(answer, OUR_PROGRAM, OUR_REASON, OUR_SERVICE)

    def first_programs(self):
        """Returns the program of the first command of each directive. systemd-analyze checks only
        this command."""
        firsts = {}
        for key, value in re.findall(r"^(Exec\w+)=[-@:+!]*(\S*)", self.text(), re.MULTILINE):
            if not value:
                firsts.pop(key, None)
            else:
                firsts.setdefault(key, value.strip("\"'"))
        return set(firsts.values())

    def differences(self):
        """Returns (both opinions if they differ, whether the unit was good, whether there were
        lines)."""
        theirs, ours = self.theirs(), self.ours()
        later = ours.programs - theirs.programs - self.first_programs()
        unread = self.lines_of(UNREAD, theirs.lines - ours.lines)
        silent = self.lines_of(SILENT, ours.lines - theirs.lines)
        wanted = theirs._replace(
            is_good=theirs.is_good and not later,
            programs=theirs.programs | later,
            lines=theirs.lines - unread | silent,
            said=ours.said,
        )
        return [theirs, ours] * (wanted != ours), theirs.is_good, bool(theirs.lines)

    def lines_of(self, directives, lines):
        """Returns those lines of the unit's own file that assign to one of these directives."""
        text = ["", *self.text().split("\n")] if lines else []
        return {
            (name, line)
            for name, line in lines
            if name in self.names and key_of(text, line) in directives
        }


def contradiction(reason):
    """Returns "Transaction" for each reason that begins with this word, and other reasons
    unchanged. Jobs that contradict each other may also form a cycle, and the fault that is found
    first is reported."""
    return "Transaction" if reason.startswith("Transaction") else reason


def key_of(text, line):
    """Returns the directive to which the line assigns. `line` may be the last part of a longer
    line."""
    while line > 1 and text[line - 1].endswith("\\"):
        line -= 1
    return text[line].partition("=")[0].strip()


def show(case, theirs, ours):
    print(f"=== {case.name}")
    print("\n".join(f"{at:4} {line!r}" for at, line in enumerate(case.text().split("\n"), 1)))
    for who, opinion in (("systemd-analyze", theirs), ("ctl verify", ours)):
        print(f"--- {who}: {'good' if opinion.is_good else 'bad'}")
        print(opinion.said, end="")


class Comparison:
    """A comparison of cases, which counts them."""

    def __init__(self):
        self.count = collections.Counter()

    def run(self, what, cases):
        self.count.clear()
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            for case, outcome in zip(cases, pool.map(Case.differences, cases)):
                found, is_good, has_lines = outcome
                self.count.update(good=is_good, bad=not is_good, lines=has_lines, failed=bool(found))
                if found:
                    show(case, *found)
        count = self.count
        print(
            f"{what}: {len(cases)} units, {count['good']} of them good and {count['bad']} bad for "
            f"systemd-analyze, {count['lines']} with lines; {count['failed']} with a difference",
            flush=True,
        )
        return count["failed"] == 0


def units_of(root):
    names = sorted(os.listdir(root + UNITS))
    return [name for name in names if name.endswith(TYPES)]


def faulty(chance, names, root, scratch, count):
    """Returns units with one fault each, in separate directories below `root`."""
    for number in range(count):
        directory = f"{scratch}/{number}"
        os.makedirs(root + directory)
        case = Case(chance.choice(names), root)
        with open(f"{root}{directory}/{case.name}", "wb") as file:
            file.write(verify_faults.broken(chance, case.text()))
        yield Case(case.name, root, directory)


def compare(what, names, root, faults):
    """Compares the existing units, and units with faults."""
    comparison = Comparison()
    agree = comparison.run(what, [Case(name, root) for name in names])
    agree = comparison.run("with faults", list(faults)) and agree
    # If a comparison found too few units of a kind, its result means nothing.
    if min(comparison.count[kind] for kind in ("good", "bad", "lines")) < 3:
        print("there was too little to compare")
        return False
    return agree


def compare_system(chance, scratch):
    names = units_of("")
    step = 1 if LONG else -(-len(names) // MOST_UNITS)
    faults = faulty(chance, names, "", f"{scratch}/faults", FAULTS)
    return compare("this system", names[::step], "", faults)


def compare_packages(chance, scratch):
    root, packages = verify_packages.lay_out(scratch)
    names = units_of(root)
    faults = faulty(chance, names, root, "/faults", LONG_FAULTS)
    return compare(f"{packages} packages", names, root, faults)


def skip(why):
    print(f"skipped: {why}")
    sys.exit(77)


def main():
    if not os.access(NOTIFYBRIDGE, os.X_OK):
        sys.exit("NOTIFYBRIDGE must name the executable to test")
    if not shutil.which("systemd-analyze"):
        skip("there is no systemd-analyze")
    version = subprocess.run(["systemd-analyze", "--version"], capture_output=True, text=True)
    if not version.stdout.startswith("systemd 252 "):
        skip("systemd-analyze is not of systemd 252")
    seed = int(os.environ.get("VERIFY_SEED", random.randrange(1 << 32) if LONG else USUAL_SEED))
    print(f"VERIFY_SEED={seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="notifybridge-verify-") as scratch:
        agree = compare_system(random.Random(seed), scratch)
        try:
            agree = (not LONG or compare_packages(random.Random(seed), scratch)) and agree
        except verify_packages.Unavailable as error:
            if agree:
                skip(f"cannot get the packages: {error}")
    sys.exit(0 if agree else 1)


if __name__ == "__main__":
    main()
