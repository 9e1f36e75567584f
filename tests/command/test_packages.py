#!/usr/bin/python3
"""What `tests/package` makes of the executable: installed, used, upgraded and removed, in a root of
its own."""

import gzip
import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile

import bridge

SOURCE = os.path.realpath(os.path.join(bridge.HERE, "..", ".."))
DATA = os.path.join(SOURCE, "tests", "package.d")
OLDER = "0.0.1"
# Times of day and places where files are made must not matter.
ELSEWHERE = {"TZ": "Pacific/Kiritimati", "LC_ALL": "C.UTF-8"}
LINKS = {
    "usr/bin/container-notify-wrapper": "notifybridge",
    "usr/bin/host-notify-waiter": "notifybridge",
    **{
        f"usr/libexec/notifybridge/{name}": "../../bin/notifybridge"
        for name in ("crun", "runc", "systemctl", "systemd-notify")
    },
}
HOOK = "usr/share/containers/oci/hooks.d/notifybridge.json"
# Directories of a system that has no packages yet.
BASE = ("usr/bin", "usr/libexec", "usr/share/doc", "usr/share/man/man1", "usr/share/man/man5",
        "usr/share/man/man7", "usr/share/licenses", "var/lib", "var/log", "var/tmp")  # fmt: skip

COUNTING = """
notify("READY=1\\nSTATUS=counting")
count = 0
while os.path.exists({while_exists!r}):
    notify(f"X_COUNT={{count}}")
    count += 1
    time.sleep(0.002)
print(count)
"""


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


def manual_pages():
    return [name for name in os.listdir(os.path.join(SOURCE, "man")) if name != "meson.build"]


class Package(bridge.Case):
    kind = None

    @classmethod
    def setUpClass(cls):
        cls.output = tempfile.mkdtemp(prefix="notifybridge-package-")
        cls.addClassCleanup(shutil.rmtree, cls.output)
        cls.package = cls.make()

    @classmethod
    def make(cls, *options, output=None, **env):
        return run(
            os.path.join(SOURCE, "tests", "package"),
            f"--executable={bridge.EXECUTABLE}",
            f"--output={output or cls.output}",
            *options,
            cls.kind,
            env={**os.environ, **env},
        ).strip()

    def make_elsewhere(self):
        """The same once more, in another directory."""
        output = self.path("elsewhere", "and", "deeper")
        os.makedirs(output)
        return self.make(output=output, **ELSEWHERE)

    def assert_same_once_more(self):
        self.assertEqual(read(self.package), read(self.make_elsewhere()))


class Installed(Package):
    """What holds of a package that a system installs. A subclass says how."""

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

    def test_two_builds_are_the_same(self):
        self.assert_same_once_more()

    def test_it_has_what_is_installed(self):
        tree = self.unpack(self.package)
        self.assertEqual(read(os.path.join(tree, "usr/bin/notifybridge")), read(bridge.EXECUTABLE))
        for name, target in LINKS.items():
            self.assertEqual(os.readlink(os.path.join(tree, name)), target)
        for name in manual_pages():
            page = os.path.join(tree, "usr/share/man", f"man{name[-1]}", f"{name}.gz")
            with open(os.path.join(SOURCE, "man", name), "rb") as file:
                self.assertEqual(gzip.decompress(read(page)), file.read())
        self.assertIn(b'"/usr/bin/notifybridge"', read(os.path.join(tree, HOOK)))
        completions = (
            "bash-completion/completions/notifybridge",
            "bash-completion/completions/host-notify-waiter",
            "fish/vendor_completions.d/notifybridge.fish",
            self.zsh,
        )
        for name in (*completions, *self.papers):
            self.assertTrue(os.path.exists(os.path.join(tree, "usr/share", name)), name)

    def test_a_bridge_goes_on_while_it_is_upgraded_and_removed(self):
        older = self.make(f"--version={OLDER}")
        before = self.files()
        self.install(older)
        self.assertIn("usr/bin/notifybridge", self.files())
        self.assertEqual(self.installed_version(), OLDER)

        self.bin = self.in_root("usr/bin")
        goes_on = self.path("goes on")
        os.mkdir(goes_on)
        receiver = self.receiver()
        process = self.start_app(receiver, COUNTING.format(while_exists=goes_on))
        self.expect_more(receiver)
        self.install(self.package)
        self.assertEqual(self.installed_version(), version())
        self.expect_more(receiver)
        status, out, err = self.run_to_end("notifybridge", "status")
        self.assertEqual((status, err), (0, ""))
        self.assertIn("counting", out)
        self.remove()
        # dpkg takes empty directories with it that were there before.
        self.assertEqual(set(self.files()) - set(before), set())
        self.expect_more(receiver)
        os.rmdir(goes_on)
        self.assertEqual(process.wait(), 0, process.err)
        said = [f"X_COUNT={count}".encode() for count in range(int(process.out))]
        self.assertEqual([one for one in receiver.lines() if one.startswith(b"X_COUNT=")], said)

    def expect_more(self, receiver):
        """Returns when a message has come that was said after this call."""
        messages = len(receiver.messages)
        receiver.wait_until("two more", lambda all_of_them: len(all_of_them) > messages + 1)


class Deb(Installed):
    kind = "deb"
    needs = ("dpkg", "dpkg-deb")
    database = "var/lib/dpkg"
    zsh = "zsh/vendor-completions/_notifybridge"
    papers = ("doc/notifybridge/copyright", "doc/notifybridge/changelog.gz")

    def make_database(self):
        os.makedirs(self.in_root(self.database, "info"))
        os.mkdir(self.in_root(self.database, "updates"))
        for name in ("status", "available"):
            with open(self.in_root(self.database, name), "wb"):
                pass

    def dpkg(self, *arguments):
        log = self.path("dpkg.log")
        options = ("--force-unsafe-io", f"--root={self.root}", f"--log={log}")
        return as_root("dpkg", *options, *arguments)

    def install(self, package):
        self.dpkg("--install", package)

    def remove(self):
        self.dpkg("--purge", "notifybridge")

    def installed_version(self):
        database = self.in_root(self.database)
        return run("dpkg-query", f"--admindir={database}", "-Wf${Version}", "notifybridge")

    def unpack(self, package):
        tree = self.path("tree")
        run("dpkg-deb", "--extract", package, tree)
        return tree

    def test_it_depends_on_nothing_and_runs_nothing(self):
        control = self.path("control")
        run("dpkg-deb", "--control", self.package, control)
        self.assertEqual(sorted(os.listdir(control)), ["control", "md5sums"])
        fields = run("dpkg-deb", "--field", self.package)
        self.assertNotRegex(fields, r"(?m)^(Pre-)?(Depends|Recommends):")
        tree = self.unpack(self.package)
        run("md5sum", "--check", "--quiet", os.path.join(control, "md5sums"), cwd=tree)

    def test_lintian_finds_nothing_that_is_not_explained(self):
        if not shutil.which("lintian"):
            self.skipTest("needs lintian")
        as_whom = ["--allow-root"] if os.getuid() == 0 else []
        told = run("lintian", *as_whom, "--no-cfg", "--fail-on=error,warning", self.package)
        self.assertEqual(told, "")


class Rpm(Installed):
    kind = "rpm"
    needs = ("rpm", "rpmbuild")
    database = "var/lib/rpm"
    zsh = "zsh/site-functions/_notifybridge"

    @property
    def papers(self):
        return (f"licenses/notifybridge-{version()}/LICENSE",)

    def rpm(self, *arguments):
        return as_root("rpm", f"--root={self.root}", "--dbpath=/var/lib/rpm", *arguments)

    def make_database(self):
        self.rpm("--initdb")

    def install(self, package):
        self.rpm("--upgrade", package)

    def remove(self):
        self.rpm("--erase", "notifybridge")

    def installed_version(self):
        return self.rpm("--query", "--queryformat=%{VERSION}", "notifybridge")

    def query(self, *arguments):
        database = f"--dbpath={self.path('database')}"
        return run("rpm", database, "--query", "--package", *arguments, self.package)

    def unpack(self, package):
        self.install(package)
        return self.root

    def test_it_depends_on_nothing_and_runs_nothing(self):
        required = self.query("--requires").split("\n")
        self.assertEqual([one for one in required if one and not one.startswith("rpmlib(")], [])
        self.assertEqual(self.query("--scripts", "--triggers", "--filetriggers"), "")

    def test_its_changelog_is_of_its_version(self):
        self.assertIn(f"{version()}-1\n- Version {version()}.", self.query("--changelog"))

    def test_the_specification_has_the_version_of_the_sources(self):
        text = read(os.path.join(DATA, "notifybridge.spec")).decode()
        self.assertIn(f"package_version {version()}}}\n", text)

    def test_rpmlint_finds_nothing_that_is_not_explained(self):
        if not shutil.which("rpmlint"):
            self.skipTest("needs rpmlint")
        told = run(
            "rpmlint",
            f"--config={DATA}/rpmlint.toml",
            self.package,
            os.path.join(DATA, "notifybridge.spec"),
            # Its library makes a database of packages there.
            env={**os.environ, "HOME": self.dir},
        )
        self.assertIn("0 errors, 0 warnings", told)


class Oci(Package):
    kind = "oci"
    needs = ()

    def unpack(self):
        """The files of the archive, by name."""
        with tarfile.open(self.package) as archive:
            return {one.name: archive.extractfile(one).read() for one in archive}

    def test_two_builds_are_the_same(self):
        self.assert_same_once_more()

    def test_it_is_an_image_of_the_executable_alone(self):
        files = self.unpack()

        def blob(descriptor):
            content = files["blobs/" + descriptor["digest"].replace(":", "/")]
            self.assertEqual(descriptor["digest"], "sha256:" + hashlib.sha256(content).hexdigest())
            self.assertEqual(descriptor["size"], len(content))
            return content

        (listed,) = json.loads(files["index.json"])["manifests"]
        manifest = json.loads(blob(listed))
        config = json.loads(blob(manifest["config"]))
        (layer,) = map(blob, manifest["layers"])
        layer = gzip.decompress(layer)
        digest = "sha256:" + hashlib.sha256(layer).hexdigest()
        self.assertEqual(config["rootfs"]["diff_ids"], [digest])
        self.assertEqual(config["config"]["Entrypoint"], ["/notifybridge"])
        with tarfile.open(fileobj=io.BytesIO(layer)) as archive:
            (entry,) = archive
            self.assertEqual((entry.name, entry.mode, entry.uid), ("notifybridge", 0o755, 0))
            self.assertEqual(archive.extractfile(entry).read(), read(bridge.EXECUTABLE))

    def test_podman_loads_it_and_a_dockerfile_copies_from_it(self):
        if not shutil.which("podman") or os.getuid() != 0:
            self.skipTest("needs podman, and root")
        storage = [f"--root={self.path('storage')}", f"--runroot={self.path('run')}"]
        podman = ["podman", *storage, "--storage-driver=vfs", "--events-backend=none"]
        run(*podman, "load", "--quiet", "--input", self.package)
        with open(self.path("Dockerfile"), "w", encoding="utf-8") as file:
            print("FROM scratch", file=file)
            print("COPY --from=localhost/notifybridge /notifybridge /usr/bin/", file=file)
        run(*podman, "build", "--quiet", "--tag=copied", "--isolation=chroot", self.dir)
        run(*podman, "save", "--format=oci-dir", "--quiet", f"--output={self.path('saved')}", "copied")
        self.assertIn("copied", run(*podman, "images"))


def main():
    kinds = {"deb": Deb, "rpm": Rpm, "oci": Oci}
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


if __name__ == "__main__":
    main()
