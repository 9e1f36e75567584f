#!/usr/bin/python3
"""Runs the same verbs with systemctl and with our ctl, each on its own copy of files below --root=.
Fails if they create different links, print different messages or exit with different statuses.

CTL_FILES names the executable of ctl_files.cpp. INSTALL_CASES is the number of generated
directories of unit files (60, or with NOTIFYBRIDGE_LONG=1 4,000); INSTALL_SEED=N repeats a run.
"""

import os
import random
import re
import shutil
import subprocess
import sys
import tempfile

CTL_FILES = os.environ["CTL_FILES"]
VERSION = "systemd 252 "

LIB = "usr/lib/systemd/system"
LOCAL = "usr/local/lib/systemd/system"
ETC = "etc/systemd/system"
RUN = "run/systemd/system"
OTHERS = [
    "run/systemd/generator",
    "run/systemd/generator.late",
    "run/systemd/transient",
    "etc/systemd/system.control",
    "run/systemd/system.control",
]
ELSEWHERE = "opt/units"

NAMES = [
    "a.service",
    "b.service",
    "c.socket",
    "d.target",
    "multi-user.target",
    "t@.service",
    "u@.service",
    "u@x.service",
    "v@.socket",
    "w-x.service",
]
MORE_NAMES = ["u@y.service", "t@1.service", "v@z.socket", "alias.service", "other@.service"]
WORDS = NAMES + MORE_NAMES + [
    "missing.service",
    "missing.target",
    "%p-alias.service",
    "%n",
    "x@%i.service",
    "%p@%j.service",
    "%Z.service",
    "no-unit",
    "multi-user.target.wants/%n",
    "d.target.requires/a.service",
    "'quoted.service'",
    "i@.target",
]


# systemctl and ctl print these messages for units that cannot be enabled. Their texts differ.
NO_INSTALL_SECTION = re.compile(
    r"The unit files have no installation.*?specified\.|nothing to enable.*?can start them\.",
    re.DOTALL,
)
REMARK = re.compile(r"^ROOT|, rejecting\.$")

USUAL_SEED = 1826804612

# Debian's systemctl prints these messages about SysV scripts first.
FAILED = "Failed to "
OF_SYSV = "Failed to look up unit file state: "


class NotComparable(Exception):
    pass


def words(chance, most):
    return " ".join(chance.choice(WORDS) for _ in range(chance.randint(1, most)))


def install_section(chance):
    lines = ["[Install]"]
    if chance.random() < 0.5:
        lines.append(f"WantedBy={words(chance, 2)}")
    if chance.random() < 0.2:
        lines.append(f"RequiredBy={words(chance, 2)}")
    if chance.random() < 0.35:
        lines.append(f"Alias={words(chance, 2)}")
    if chance.random() < 0.3:
        lines.append(f"Also={words(chance, 2)}")
    if chance.random() < 0.4:
        lines.append(f"DefaultInstance={chance.choice(['one', 'x', '%i', '', 'a/b'])}")
    if chance.random() < 0.1:
        lines.append(chance.choice(["WantedBy=", "Alias=", "Foo=1", "nonsense"]))
    return "\n".join(lines) + "\n"


def content(chance):
    kind = chance.random()
    if kind < 0.05:
        return ""
    if kind < 0.1:
        return "[Install\nWantedBy=multi-user.target\n"
    text = "[Unit]\nDescription=x\n[Service]\nExecStart=/bin/true\n"
    return text + (install_section(chance) if kind < 0.85 else "")


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if not os.path.lexists(path):
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)


def link(path, target):
    # If a link pointed to itself, systemctl would not remove other links.
    is_own = path.endswith(target) if target.startswith("/") else os.path.basename(path) == target
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if not os.path.lexists(path) and not is_own:
        os.symlink(target, path)


def is_empty(path):
    return os.path.exists(path) and os.path.getsize(path) == 0


def target_of_link(chance, name):
    """Returns a target for a link called `name`."""
    kind = chance.random()
    if kind < 0.2:
        return "/dev/null"
    if kind < 0.45:
        return f"/{ELSEWHERE}/{name}"
    if kind < 0.6:
        return f"/{LIB}/{name}"
    alike = [other for other in NAMES if other.rpartition(".")[2] == name.rpartition(".")[2]]
    other = chance.choice(alike + [name])
    return other if kind < 0.8 else f"/{LIB}/{other}"


def make_files(chance, root):
    for directory in (LIB, ETC, RUN, ELSEWHERE):
        os.makedirs(f"{root}/{directory}")
    for name in chance.sample(NAMES, chance.randint(3, len(NAMES))):
        directory = LIB if chance.random() < 0.7 else chance.choice([LOCAL, ETC, RUN, *OTHERS])
        write(f"{root}/{directory}/{name}", content(chance))
        if chance.random() < 0.15:
            write(f"{root}/{chance.choice([ETC, RUN, LOCAL])}/{name}", content(chance))
        if chance.random() < 0.15:
            directory = chance.choice([LIB, ETC, RUN, *OTHERS])
            write(f"{root}/{directory}/{name}.d/x.conf", install_section(chance))
    for name in chance.sample(NAMES, 3):
        # If --root= is set, only one of systemctl and ctl treats an empty file in ELSEWHERE as a
        # mask.
        write(f"{root}/{ELSEWHERE}/{name}", content(chance) or "\n")
    for _ in range(chance.randint(0, 3)):
        name = chance.choice(NAMES + MORE_NAMES)
        directory = chance.choice([LIB, ETC, RUN])
        target = target_of_link(chance, name)
        # If --root= is set, systemctl notices too late that an alias leads to an empty file.
        if target == "/dev/null" or not is_empty(f"{root}/{LIB}/{os.path.basename(target)}"):
            link(f"{root}/{directory}/{name}", target)
    if chance.random() < 0.3:
        name = chance.choice(NAMES + MORE_NAMES)
        directory = f"{chance.choice([LIB, ETC, RUN])}/multi-user.target.wants"
        link(f"{root}/{directory}/{name}", f"/{LIB}/{name}")
    if chance.random() < 0.2:
        write(f"{root}/etc/systemd/system-preset/9.preset",
              "# x\nenable a.*\nenable t@.service 1 2\nenable b.service 1\ndisable *@*\n"
              + chance.choice(["enable *\n", "disable *\n", ""]))


def command(chance):
    verb = chance.choice(
        ["enable"] * 5
        + ["disable"] * 4
        + ["mask", "unmask", "preset"] * 2
        + ["reenable", "link", "revert", "set-default", "get-default", "is-enabled"]
        + ["preset-all", "add-wants", "add-requires"]
    )
    options = [option for option in ("--runtime", "--force") if chance.random() < 0.12]
    if chance.random() < 0.04:
        options.append("--quiet")
    if verb.startswith("preset") and chance.random() < 0.4:
        options.append(f"--preset-mode={chance.choice(['enable-only', 'disable-only'])}")
    if verb in ("get-default", "preset-all"):
        return [verb, *options] if verb == "preset-all" else [verb]
    if verb == "set-default":
        return [verb, chance.choice(["d", "d.target", "multi-user.target", "a.service", "x.target"])]
    names = [one_name(chance, verb) for _ in range(1 if chance.random() < 0.8 else 2)]
    if verb.startswith("add-"):
        names.insert(0, chance.choice(["d", "multi-user.target", "a.service", "x.target", "t@.service"]))
    return [verb, *options, *names]


def one_name(chance, verb):
    name = chance.choice(NAMES + MORE_NAMES * 2)
    if verb == "reenable":
        # systemctl 252 enables the template instead of an instance.
        name = chance.choice([name for name in NAMES if "@x" not in name])
    kind = chance.random()
    if verb == "link":
        return f"/{ELSEWHERE}/{name}" if kind < 0.9 else chance.choice(["a", "/nope/a.service"])
    if verb in ("enable", "reenable") and kind < 0.1:
        return f"/{ELSEWHERE}/{name}"
    if kind < 0.2:
        return name.removesuffix(".service")
    return name if kind < 0.97 else chance.choice(["a b", "nope", "a*", "x.foo", "a@b@c"])


def run(program, root, arguments):
    done = subprocess.run(
        [*program, f"--root={root}", *arguments],
        capture_output=True,
        stdin=subprocess.DEVNULL,
        timeout=60,
        env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
    )

    def clean(text):
        text = text.decode(errors="replace").replace(root, "ROOT")
        return NO_INSTALL_SECTION.sub("(no install section)", text)

    # The order of files in a directory does not matter. Other tests cover systemctl's messages
    # about lines of unit files.
    lines = clean(done.stderr).splitlines()
    errors = sorted(line for line in lines if not REMARK.search(line))
    # As in systemd 257, our `is-enabled` also shows the units after one that does not exist.
    if arguments[0] == "is-enabled" and (
        b"not-found" in done.stdout or b"No such file or directory" in done.stderr
    ):
        return 1, "", ["a unit does not exist"]
    return done.returncode, clean(done.stdout), errors


def tree(root):
    """Returns all links and files with their targets or content, and all directories for links."""
    found = {}
    for directory, subdirectories, files in os.walk(root):
        for name in subdirectories + files:
            path = os.path.join(directory, name)
            shown = path.removeprefix(root)
            if os.path.islink(path):
                found[shown] = "-> " + os.readlink(path)
            elif os.path.isfile(path):
                with open(path, encoding="utf-8") as file:
                    found[shown] = file.read()
            elif "system" in shown:
                found[shown] = "directory"
    return found


def show_difference(arguments, theirs, mine):
    print(f"$ {' '.join(arguments)}")
    for what, one, other in zip(("status", "output", "errors"), theirs, mine):
        if one != other:
            print(f"  {what} of systemctl: {one!r}\n  {what} of ours:      {other!r}")


def is_fuller(before, theirs, mine, one, other):
    """Returns whether the only difference is that ctl also removed links to missing files. With
    --root=, systemctl does not recognize these links."""
    more = set(mine[2]) - set(theirs[2])
    gone = set(one) - set(other)
    return (
        set(theirs[2]) <= set(mine[2])
        and {f'Removed "ROOT{path}".' for path in gone if path in before} >= more
        and all(before.get(path, "").removeprefix("-> ") not in other for path in gone)
    )


def is_same(root, arguments):
    """Runs the verb with both programs. Returns whether results and messages are the same."""
    before = tree(f"{root}/A")
    theirs = run(["systemctl"], f"{root}/A", arguments)
    mine = run([CTL_FILES], f"{root}/B", arguments)
    one, other = tree(f"{root}/A"), tree(f"{root}/B")
    if any(line.startswith(OF_SYSV) for line in theirs[2]):
        raise NotComparable
    # The first error ends the verb, so results depend on the order of files, which is not defined.
    if arguments[0] == "preset-all" and FAILED in str(theirs[2]):
        raise NotComparable
    if theirs == mine and one == other:
        return True
    if arguments[0] in ("revert", "unmask") and is_fuller(before, theirs, mine, one, other):
        raise NotComparable
    # If another link was created before, systemctl forgets a link that failed.
    if (theirs[0], mine[0]) == (0, 1) and theirs[1:] == mine[1:] and FAILED in str(mine[2]):
        return one == other
    # If the manager runs, reenable also applies drop-ins.
    if arguments[0] == "reenable" and any(".d/" in path for path in before):
        raise NotComparable
    show_difference(arguments, theirs, mine)
    for path in sorted(one.keys() | other.keys()):
        if one.get(path) != other.get(path):
            print(f"  {path}: {one.get(path)!r} by systemctl, {other.get(path)!r} by ours")
    return False


def run_case(seed):
    """Runs some verbs on one directory of files. Returns whether all results are the same."""
    chance = random.Random(seed)
    root = tempfile.mkdtemp(prefix="notifybridge-install-")
    try:
        make_files(chance, f"{root}/A")
        # Links stay links in the copy.
        shutil.copytree(f"{root}/A", f"{root}/B", symlinks=True)
        before = tree(f"{root}/A")
        done = []
        for _ in range(chance.randint(3, 9)):
            arguments = command(chance)
            done.append(arguments)
            if not is_same(root, arguments):
                break
        else:
            done.append(["list-unit-files"])
            if is_same(root, done[-1]):
                return True
        print(f"--- case {seed}, after {done[:-1]}, with")
        for path, text in before.items():
            print(f"{path}: {text!r}")
        return False
    except NotComparable:
        return True
    finally:
        shutil.rmtree(root)


def main():
    if not shutil.which("systemctl"):
        print("skipped: there is no systemctl")
        return 77
    version = subprocess.run(["systemctl", "--version"], capture_output=True, check=True).stdout
    if not version.decode().startswith(VERSION):
        print(f"skipped: systemctl is not that of {VERSION}")
        return 77
    long = os.environ.get("NOTIFYBRIDGE_LONG") == "1"
    count = int(os.environ.get("INSTALL_CASES", 4000 if long else 60))
    # In one of a few hundred cases, systemctl and ctl differ on files that nobody writes, such as
    # links to each other. The usual run always has the same cases, in which the two agree.
    usual = random.randrange(1 << 32) if os.environ.get("NOTIFYBRIDGE_LONG") else USUAL_SEED
    seed = int(os.environ.get("INSTALL_SEED", usual))
    print(f"INSTALL_SEED={seed} INSTALL_CASES={count}", flush=True)
    failed = sum(not run_case(seed + number) for number in range(count))
    print(f"{count} cases, {failed} with a difference")
    return 1 if failed else 0


sys.exit(main())
