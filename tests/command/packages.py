"""What the tests of tests/package share: a package, and a root of its own that it is installed in."""

import os
import re
import shutil
import subprocess
import sys
import tempfile

import bridge

SOURCE = os.path.realpath(os.path.join(bridge.HERE, "..", ".."))
DATA = os.path.join(SOURCE, "tests", "package.d")
# Times of day and places where files are made must not matter.
ELSEWHERE = {"TZ": "Pacific/Kiritimati", "LC_ALL": "C.UTF-8"}
# Directories of a system that has no packages yet.
BASE = ("usr/bin", "usr/lib", "usr/libexec", "usr/share/doc", "usr/share/man/man1",
        "usr/share/man/man5", "usr/share/man/man7", "usr/share/licenses", "var/lib", "var/log", "var/tmp")  # fmt: skip


def run(*command, **more):
    """Returns what it prints; fails with what it says where it fails."""
    result = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False, **more
    )
    if result.returncode != 0:
        raise AssertionError(f"{command}: {result.returncode}: {result.stdout}{result.stderr}")
    return result.stdout


def as_root(*command):
    """Runs it as root, or as who seems to be root; /sbin is where dpkg wants to find programs."""
    seems = [] if os.getuid() == 0 else ["unshare", "--user", "--map-root-user"]
    path = os.environ.get("PATH", "/usr/bin:/bin") + ":/usr/sbin:/sbin"
    return run(*seems, *command, env={**os.environ, "PATH": path})


def read(path):
    with open(path, "rb") as file:
        return file.read()


def version():
    text = read(os.path.join(SOURCE, "meson.build")).decode()
    return re.search(r"^  version: '(.*)',$", text, re.MULTILINE).group(1)


# By uname(2): the other architecture as Debian and as rpm call it, and its e_machine (elf(5)).
OTHER = {"x86_64": ("arm64", "aarch64", 0xB7), "aarch64": ("amd64", "x86_64", 0x3E)}


class Package(bridge.Case):
    """A kind of package, as tests/package makes it of EXECUTABLE with these OPTIONS."""

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
    def make(cls, *options, output=None, **env):
        """The paths of the packages that this makes."""
        return run(
            os.path.join(SOURCE, "tests", "package"),
            *([f"--executable={cls.executable}"] if cls.executable else []),
            f"--output={output or cls.output}",
            *cls.options,
            *options,
            cls.kind,
            env={**os.environ, **env},
        ).splitlines()

    def make_older(self, older):
        """A package of what seems to be an earlier version, or is compiled for that."""
        if not self.executable:
            return self.make(f"--version={older}", output=self.dir)[0]
        words = b"notifybridge version "
        code = read(self.executable)
        assert code.count(words + version().encode()) == 1 and len(older) == len(version())
        built = self.path("older-executable")
        with open(built, "wb") as file:
            file.write(code.replace(words + version().encode(), words + older.encode()))
        os.chmod(built, 0o755)
        return self.make(f"--executable={built}", output=self.dir)[0]

    def make_elsewhere(self):
        """The same once more, in another directory."""
        self.elsewhere = self.path("elsewhere", "and", "deeper")
        os.makedirs(self.elsewhere)
        return self.make(output=self.elsewhere, **ELSEWHERE)

    def assert_same_once_more(self):
        self.assertEqual(list(map(read, self.packages)), list(map(read, self.make_elsewhere())))

    def make_for_other(self):
        """A package for another architecture, of what seems to be built for it."""
        other, _, machine = OTHER[os.uname().machine]
        arch = f"--arch={other}"
        with self.assertRaisesRegex(AssertionError, "is not an executable for"):
            self.make(arch, output=self.dir)
        code = bytearray(read(self.executable))
        code[18:20] = machine.to_bytes(2, "little")
        built = self.path("built")
        with open(built, "wb") as file:
            file.write(code)
        os.chmod(built, 0o755)
        (package,) = self.make(arch, f"--executable={built}", output=self.dir)
        return package


class Root:
    """A root that packages are installed in. A subclass says how."""

    def setUp(self):
        super().setUp()
        self.root = self.path("root")
        for name in BASE:
            os.makedirs(os.path.join(self.root, name))
        self.make_database()

    def files(self):
        """All files and directories of the root but for those of the packages' database."""
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
    needs = ("dpkg", "dpkg-deb")
    database = "var/lib/dpkg"

    def make_database(self):
        os.makedirs(self.in_root(self.database, "info"))
        os.mkdir(self.in_root(self.database, "updates"))
        for name in ("status", "available"):
            with open(self.in_root(self.database, name), "wb"):
                pass

    def dpkg(self, *arguments):
        log = self.path("dpkg.log")
        # The root has no shell for the package's script.
        options = ("--force-unsafe-io", "--force-script-chrootless", f"--root={self.root}", f"--log={log}")
        return as_root("dpkg", *options, *arguments)

    def install(self, *packages):
        self.dpkg("--install", *packages)

    def remove(self, *names):
        self.dpkg("--purge", *names)

    def installed_version(self):
        database = self.in_root(self.database)
        return run("dpkg-query", f"--admindir={database}", "-Wf${Version}", "notifybridge")

    def unpack(self, package):
        tree = self.path("tree")
        run("dpkg-deb", "--extract", package, tree)
        return tree

    def assert_lintian_finds_nothing(self, *packages):
        if not shutil.which("lintian"):
            self.skipTest("needs lintian")
        as_whom = ["--allow-root"] if os.getuid() == 0 else []
        told = run("lintian", *as_whom, "--no-cfg", "--fail-on=error,warning", *packages)
        self.assertEqual(told, "")


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

    def assert_rpmlint_finds_nothing(self, *files):
        if not shutil.which("rpmlint"):
            self.skipTest("needs rpmlint")
        # Its library makes a database of packages there.
        environment = {**os.environ, "HOME": self.dir}
        told = run("rpmlint", f"--config={DATA}/rpmlint.toml", *files, env=environment)
        self.assertIn("0 errors, 0 warnings", told)


def main(kinds):
    """Runs the case that the first word names by its kind, or all KINDS."""
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
