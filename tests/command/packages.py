"""Helps the tests of tests/package: a package, and a root directory into which it is installed."""

import functools
import os
import re
import shutil
import subprocess
import sys
import tempfile

import bridge

SOURCE = os.path.realpath(os.path.join(bridge.HERE, "..", ".."))
DATA = os.path.join(SOURCE, "tests", "package.d")
# A package must not depend on the time zone and the locale in which it is made.
ELSEWHERE = {"TZ": "Pacific/Kiritimati", "LC_ALL": "C.UTF-8"}
# The directories of a system without packages.
BASE = ("usr/bin", "usr/lib", "usr/libexec", "usr/share/doc", "usr/share/man/man1",
        "usr/share/man/man5", "usr/share/man/man7", "usr/share/licenses", "var/lib", "var/log", "var/tmp")  # fmt: skip


def run(*command, **more):
    """Runs a command and returns its output. If it fails, the test fails with the output."""
    result = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False, **more
    )
    if result.returncode != 0:
        raise AssertionError(f"{command}: {result.returncode}: {result.stdout}{result.stderr}")
    return result.stdout


def as_root(*command):
    """Runs a command as root, or as root of a new user namespace. dpkg needs /sbin in PATH."""
    seems = [] if os.getuid() == 0 else ["unshare", "--user", "--map-root-user"]
    path = os.environ.get("PATH", "/usr/bin:/bin") + ":/usr/sbin:/sbin"
    return run(*seems, *command, env={**os.environ, "PATH": path})


def read(path):
    with open(path, "rb") as file:
        return file.read()


def write_executable(path, code):
    with open(path, "wb") as file:
        file.write(code)
    os.chmod(path, 0o755)
    return path


def version():
    text = read(os.path.join(SOURCE, "meson.build")).decode()
    return re.search(r"^  version: '(.*)',$", text, re.MULTILINE).group(1)


# For each machine in uname(2): the names of another architecture in Debian and rpm, and its
# e_machine (elf(5)).
OTHER = {"x86_64": ("arm64", "aarch64", 0xB7), "aarch64": ("amd64", "x86_64", 0x3E)}


class Package(bridge.Case):
    """A kind of package, which tests/package makes from EXECUTABLE with these OPTIONS."""

    kind = None
    options = ()
    executable = bridge.EXECUTABLE

    @classmethod
    def setUpClass(cls):
        cls.output = tempfile.mkdtemp(prefix="notifybridge-package-")
        cls.addClassCleanup(shutil.rmtree, cls.output)
        cls.packages = cls.make()
        cls.package = cls.packages[0]

    @classmethod
    def make(cls, *options, executables=None, output=None, **env):
        """Makes the packages, and returns their paths."""
        if executables is None:
            executables = [cls.executable] if cls.executable else []
        return run(
            os.path.join(SOURCE, "tests", "package"),
            *(f"--executable={path}" for path in executables),
            f"--output={output or cls.output}",
            *cls.options,
            *options,
            cls.kind,
            env={**os.environ, **env},
        ).splitlines()

    @classmethod
    @functools.cache
    def make_older(cls, older):
        """Makes a package that seems to have an earlier version, once for all tests."""
        output = tempfile.mkdtemp(dir=cls.output)
        if not cls.executable:
            (package, *_) = cls.make(f"--version={older}", output=output)
        else:
            words = b"notifybridge version "
            code = read(cls.executable)
            assert code.count(words + version().encode()) == 1 and len(older) == len(version())
            code = code.replace(words + version().encode(), words + older.encode())
            executable = write_executable(os.path.join(output, "older"), code)
            (package, *_) = cls.make(executables=[executable], output=output)
        return package

    def make_elsewhere(self):
        """Makes the same package again in another directory."""
        self.elsewhere = self.path("elsewhere", "and", "deeper")
        os.makedirs(self.elsewhere)
        return self.make(output=self.elsewhere, **ELSEWHERE)

    def assert_same_once_more(self):
        self.assertEqual(list(map(read, self.packages)), list(map(read, self.make_elsewhere())))

    def make_for_other(self):
        """Makes a package for another architecture."""
        other, _, _ = OTHER[os.uname().machine]
        arch = f"--arch={other}"
        with self.assertRaisesRegex(AssertionError, "is not an executable for"):
            self.make(arch, output=self.dir)
        (package,) = self.make(arch, executables=[self.executable_for_other()], output=self.dir)
        return package

    def executable_for_other(self):
        """Returns the path of an executable that seems to be built for another architecture."""
        _, _, machine = OTHER[os.uname().machine]
        code = bytearray(read(self.executable))
        code[18:20] = machine.to_bytes(2, "little")
        return write_executable(self.path("built"), code)


def assert_lintian_finds_nothing(case, *files):
    if not shutil.which("lintian"):
        case.skipTest("needs lintian")
    as_whom = ["--allow-root"] if os.getuid() == 0 else []
    told = run("lintian", *as_whom, "--no-cfg", "--pedantic", "--display-info", *files)
    # Some overrides are for the lintian of one release of Debian only. "N:" begins a summary.
    told = [line for line in told.splitlines() if line[:2] != "N:" and "unused-override" not in line]
    case.assertEqual(told, [])


def assert_rpmlint_finds_nothing(case, *files):
    if not shutil.which("rpmlint"):
        case.skipTest("needs rpmlint")
    # The library of rpm creates a package database in HOME.
    environment = {**os.environ, "HOME": case.dir}
    told = run("rpmlint", f"--config={DATA}/rpmlint.toml", *files, env=environment)
    case.assertIn("0 errors, 0 warnings", told)


class Root:
    """A root directory into which packages are installed. Subclasses define how."""

    def setUp(self):
        super().setUp()
        self.root = self.path("root")
        for name in BASE:
            os.makedirs(os.path.join(self.root, name))
        self.make_database()

    def files(self):
        """Returns all files and directories of the root, except those of the package database."""
        return sorted(
            os.path.relpath(os.path.join(directory, name), self.root)
            for directory, directories, files in os.walk(self.root)
            for name in directories + files
            if not directory.startswith(os.path.join(self.root, self.database))
        )

    def in_root(self, *names):
        return os.path.join(self.root, *names)


class DebRoot(Root):
    kind = "deb"
    needs = ("dpkg", "dpkg-deb", "dh")
    database = "var/lib/dpkg"

    def make_database(self):
        os.makedirs(self.in_root(self.database, "info"))
        os.mkdir(self.in_root(self.database, "updates"))
        for name in ("status", "available"):
            with open(self.in_root(self.database, name), "wb"):
                pass

    def dpkg(self, *arguments):
        log = self.path("dpkg.log")
        # The root contains no shell for the package's script.
        options = ("--force-unsafe-io", "--force-script-chrootless", f"--root={self.root}", f"--log={log}")
        return as_root("dpkg", *options, *arguments)

    def install(self, *packages):
        self.dpkg("--install", *packages)

    def remove(self, *names):
        self.dpkg("--purge", *names)

    def installed_version(self):
        """Returns the version without Debian's revision."""
        database = self.in_root(self.database)
        told = run("dpkg-query", f"--admindir={database}", "-Wf${Version}", "notifybridge")
        return told.split("-")[0]

    def unpack(self, package):
        tree = self.path("tree")
        run("dpkg-deb", "--extract", package, tree)
        return tree


class RpmRoot(Root):
    kind = "rpm"
    needs = ("rpm", "rpmbuild")
    database = "var/lib/rpm"

    def rpm(self, *arguments):
        return as_root("rpm", f"--root={self.root}", "--dbpath=/var/lib/rpm", *arguments)

    def make_database(self):
        self.rpm("--initdb")

    def install(self, *packages):
        self.rpm("--upgrade", *packages)

    def remove(self, *names):
        self.rpm("--erase", *names)

    def installed_version(self):
        return self.rpm("--query", "--queryformat=%{VERSION}", "notifybridge")

    def query(self, package, *arguments):
        database = f"--dbpath={self.path('database')}"
        return run("rpm", database, "--query", "--package", *arguments, package)

    def unpack(self, package):
        self.install(package)
        return self.root


def main(kinds):
    """Runs the test case of the kind that the first word names, or of all KINDS."""
    if len(sys.argv) > 1 and sys.argv[1] in kinds:
        kind = kinds[sys.argv[1]]
        missing = [tool for tool in kind.needs if not shutil.which(tool)]
        if missing:
            print("skipped: needs", ", ".join(missing))
            sys.exit(bridge.SKIPPED)
        sys.argv[1] = kind.__name__
    elif len(sys.argv) == 1:
        sys.argv += [kind.__name__ for kind in kinds.values()]
    bridge.main()
