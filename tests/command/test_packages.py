#!/usr/bin/python3
"""Tests the packages of `tests/package`: installing, using, upgrading and removing them in a
separate root."""

import glob
import gzip
import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import tarfile
import unittest

import bridge
import packages
from packages import SOURCE, read, run, write_executable

OLDER = "0.0.1"
NEWS = os.path.join(packages.DATA, "NEWS")
LINKS = {
    "usr/bin/container-notify-wrapper": "notifybridge",
    "usr/bin/host-notify-waiter": "notifybridge",
    **{
        f"usr/libexec/notifybridge/{name}": "../../bin/notifybridge"
        for name in ("crun", "runc", "systemctl", "systemd-notify")
    },
}
HOOK = "usr/share/notifybridge/hooks.d/notifybridge.json"

COUNTING = """
notify("READY=1\\nSTATUS=counting")
count = 0
while os.path.exists({while_exists!r}):
    notify(f"X_COUNT={{count}}")
    count += 1
    time.sleep(0.002)
print(count)
"""


def manual_pages():
    return [name for name in os.listdir(os.path.join(SOURCE, "man")) if name != "meson.build"]


class Installed(packages.Package):
    """Tests for a package that a system installs."""

    def test_two_builds_are_the_same(self):
        self.assert_same_once_more()

    def test_the_package_has_all_installed_files(self):
        tree = self.unpack(self.package)
        self.assertEqual(read(os.path.join(tree, "usr/bin/notifybridge")), read(bridge.EXECUTABLE))
        for name, target in LINKS.items():
            self.assertEqual(os.readlink(os.path.join(tree, name)), target)
        for name in manual_pages():
            page = os.path.join(tree, "usr/share/man", f"man{name[-1]}", f"{name}.gz")
            if os.path.islink(page):
                # debhelper has made a link of ".so man1/PAGE".
                expected = f".so man1/{os.readlink(page)[:-3]}\n".encode()
            else:
                expected = gzip.decompress(read(page))
            self.assertEqual(read(os.path.join(SOURCE, "man", name)), expected)
        self.assertIn(b'"/usr/bin/notifybridge"', read(os.path.join(tree, HOOK)))
        # podman, buildah and CRI-O read these directories by default, and buildah and CRI-O refuse
        # our hook.
        for name in ("usr/share/containers", "etc"):
            self.assertFalse(os.path.exists(os.path.join(tree, name)), name)
        completions = (
            "bash-completion/completions/notifybridge",
            "bash-completion/completions/host-notify-waiter",
            "fish/vendor_completions.d/notifybridge.fish",
            self.zsh,
        )
        for name in (*completions, *self.papers):
            self.assertTrue(os.path.exists(os.path.join(tree, "usr/share", name)), name)

    def test_a_running_bridge_survives_upgrade_and_removal(self):
        older = self.make_older(OLDER)
        before = self.files()
        self.install(older)
        self.assertIn("usr/bin/notifybridge", self.files())
        self.assertEqual(self.installed_version(), OLDER)
        self.bin = self.in_root("usr/bin")
        told = self.run_to_end("notifybridge", "--version")
        self.assertEqual(told, (0, f"notifybridge version {OLDER}\n", ""))

        goes_on = self.path("goes on")
        os.mkdir(goes_on)
        receiver = self.receiver()
        process = self.start_app(receiver, COUNTING.format(while_exists=goes_on))
        self.expect_more(receiver)
        self.install(self.package)
        self.assertEqual(self.installed_version(), packages.version())
        self.expect_more(receiver)
        status, out, err = self.run_to_end("notifybridge", "status")
        self.assertEqual((status, err), (0, ""))
        self.assertIn("counting", out)
        self.remove("notifybridge")
        # dpkg also removes empty directories that existed before.
        self.assertEqual(set(self.files()) - set(before), set())
        self.expect_more(receiver)
        os.rmdir(goes_on)
        self.assertEqual(process.wait(), 0, process.err)
        said = [f"X_COUNT={count}".encode() for count in range(int(process.out))]
        self.assertEqual([one for one in receiver.lines() if one.startswith(b"X_COUNT=")], said)

    def expect_more(self, receiver):
        """Waits for a message that was sent after this call."""
        messages = len(receiver.messages)
        receiver.wait_until("two more", lambda all_of_them: len(all_of_them) > messages + 1)


class Deb(packages.DebRoot, Installed):
    zsh = "zsh/vendor-completions/_notifybridge"
    papers = (
        "doc/notifybridge/copyright",
        "doc/notifybridge/changelog.gz",
        "doc/notifybridge/changelog.Debian.gz",
        "doc/notifybridge/README.md.gz",
    )

    def test_the_package_requires_nothing_and_only_removal_runs_code(self):
        control = self.path("control")
        run("dpkg-deb", "--control", self.package, control)
        self.assertEqual(sorted(os.listdir(control)), ["control", "md5sums", "prerm"])
        fields = run("dpkg-deb", "--field", self.package)
        self.assertNotRegex(fields, r"(?m)^(Pre-)?(Depends|Recommends):")
        self.assertNotIn("Conflicts:", fields)
        tree = self.unpack(self.package)
        run("md5sum", "--check", "--quiet", os.path.join(control, "md5sums"), cwd=tree)

    def test_only_an_image_accepts_several_executables(self):
        with self.assertRaisesRegex(AssertionError, "only an image takes several executables"):
            self.make(executables=[self.executable] * 2)

    def test_the_option_version_is_refused_with_an_executable(self):
        with self.assertRaisesRegex(AssertionError, "--executable has a version of its own"):
            self.make("--version=0.0.1")

    @unittest.skipIf(os.getuid() != 0, "needs root to mount")
    def test_removal_unconfigures_docker(self):
        control = self.path("control")
        run("dpkg-deb", "--control", self.package, control)
        for arguments, is_kept in ((["remove"], False), (["upgrade", "0.2.0"], True)):
            script = (
                "set -e; mount -t tmpfs tmpfs /etc; mkdir /etc/docker\n"
                "echo '{\"debug\": true}' >/etc/docker/daemon.json\n"
                "notifybridge runtime --configure=docker >/dev/null\n"
                '"$@" >&2; cat /etc/docker/daemon.json'
            )
            prerm = [os.path.join(control, "prerm"), *arguments]
            path = f"{self.bin}:{os.environ['PATH']}"
            shown = run(
                *("unshare", "--mount", "sh", "-c", script, "sh", *prerm),
                env={**os.environ, "PATH": path},
            )
            settings = json.loads(shown)
            self.assertEqual(("notifybridge" in settings.get("runtimes", {})), is_kept, shown)
            self.assertTrue(settings["debug"])

    def test_an_upgrade_removes_the_hook_of_earlier_versions(self):
        tree, older = self.path("tree"), self.path("older.deb")
        package = self.make_older(OLDER)
        run("dpkg-deb", "--raw-extract", package, tree)
        old_hook = "usr/share/containers/oci/hooks.d/notifybridge.json"
        os.makedirs(os.path.dirname(os.path.join(tree, old_hook)))
        os.rename(os.path.join(tree, HOOK), os.path.join(tree, old_hook))
        run("dpkg-deb", "--root-owner-group", "--build", tree, older)
        self.install(older)
        self.assertIn(old_hook, self.files())
        self.install(self.package)
        self.assertNotIn(old_hook, self.files())
        self.assertIn(HOOK, self.files())

    def test_a_package_for_another_machine_cannot_be_installed(self):
        package = self.make_for_other()
        other, _, _ = packages.OTHER[os.uname().machine]
        self.assertEqual(run("dpkg-deb", "--field", package, "Architecture"), other + "\n")
        with self.assertRaisesRegex(AssertionError, f"package architecture \\({other}\\)"):
            self.install(package)
        packages.assert_lintian_finds_nothing(self, package)

    def test_lintian_reports_only_explained_findings(self):
        packages.assert_lintian_finds_nothing(self, self.package)


class DebSrc(packages.Package):
    """The source package. Deb uses the same rules, and tests the files that they install."""

    kind = "deb-src"
    needs = ("dpkg-source", "dh", "git")
    executable = None
    RELEASES = ("12", "13")

    def setUp(self):
        super().setUp()
        self.tree = self.path("tree")
        run("dpkg-source", "--no-check", "--extract", self.package, self.tree)

    def assert_same_once_more(self):
        self.make_elsewhere()
        for name in os.listdir(self.output):
            if name.startswith("notifybridge_"):
                again = read(os.path.join(self.elsewhere, name))
                self.assertTrue(read(os.path.join(self.output, name)) == again, name)

    def test_two_builds_are_the_same(self):
        self.assert_same_once_more()

    def test_the_package_has_the_files_of_the_checkout(self):
        known = run("git", "-C", SOURCE, "ls-files", "-z").split("\0")[:-1]
        for name in known:
            self.assertEqual(read(os.path.join(self.tree, name)), read(os.path.join(SOURCE, name)), name)
        # dpkg-source has added these directories.
        for name in ("debian", ".pc"):
            shutil.rmtree(os.path.join(self.tree, name))
        unpacked = [os.path.join(there, name) for there, _, names in os.walk(self.tree) for name in names]
        self.assertEqual(len(unpacked), len(known))

    def test_no_placeholder_is_left(self):
        for there, _, names in os.walk(os.path.join(self.tree, "debian")):
            for name in names:
                self.assertNotRegex(read(os.path.join(there, name)), rb"@[A-Z]+@", name)

    def test_the_package_has_the_build_dependencies_of_each_release(self):
        script = f'. {SOURCE}/tests/packages.sh; build_packages_of "$1"'
        fields = read(os.path.join(self.tree, "debian", "control")).decode()
        for release in self.RELEASES:
            for name in run("bash", "-c", script, "bash", release).split():
                # debhelper and g++ bring the other packages. The package does not compile the tests
                # under tests/.
                if name.startswith("libboost") and "-test" not in name:
                    self.assertRegex(fields, rf"[ |]{re.escape(name)}\b")

    def test_the_rules_configure_a_build(self):
        lacks = self.status_of("dpkg-checkbuilddeps", "-I")
        if lacks:
            self.skipTest("needs the packages that the build depends on")
        environment = {**os.environ, "HOME": self.dir}
        run("debian/rules", "override_dh_auto_configure", cwd=self.tree, env=environment)
        (build,) = glob.glob(os.path.join(self.tree, "obj-*"))
        told = run("ninja", "-C", build, "-t", "commands", "notifybridge")
        for word in ("-static-pie", "-g", "-fstack-protector-strong", "-Wl,-z,now"):
            self.assertIn(f" {word} ", told)
        self.assertNotIn("--strip-all", told)

    def status_of(self, *command):
        return subprocess.run(command, cwd=self.tree, stderr=subprocess.DEVNULL, check=False).returncode

    @unittest.skipUnless(os.environ.get("NOTIFYBRIDGE_LONG"), "compiles all: NOTIFYBRIDGE_LONG=1 runs it")
    def test_the_compiled_package_equals_the_binary_package(self):
        run("dpkg-buildpackage", "--build=binary", "--no-sign", "-d", cwd=self.tree)
        Deb.setUpClass()
        self.addCleanup(Deb.doClassCleanups)
        built = os.path.join(self.dir, os.path.basename(Deb.package))
        self.assertEqual(self.names_in(built), self.names_in(Deb.package))
        for field in ("Version", "Depends", "Static-Built-Using", "Description", "Homepage"):
            said = [run("dpkg-deb", "--field", one, field) for one in (built, Deb.package)]
            self.assertEqual(said[0], said[1])

    def names_in(self, package):
        lines = run("dpkg-deb", "--contents", package).splitlines()
        # Mode, owner, and the name with the target of a link.
        return sorted((line.split()[0], line.split()[1], *line.split()[5:]) for line in lines)

    def test_options_of_a_binary_package_are_refused(self):
        for option in ("--debug", "--arch=arm64", "--version=1.0"):
            with self.assertRaisesRegex(AssertionError, "a source package takes only --output"):
                self.make(option)

    def test_lintian_reports_only_explained_findings(self):
        packages.assert_lintian_finds_nothing(self, self.package)


class Rpm(packages.RpmRoot, Installed):
    zsh = "zsh/site-functions/_notifybridge"

    @property
    def papers(self):
        version = packages.version()
        return (
            f"licenses/notifybridge-{version}/LICENSE",
            f"doc/notifybridge-{version}/NEWS",
        )

    def test_the_package_requires_nothing_and_only_removal_runs_code(self):
        required = self.query(self.package, "--requires").split("\n")
        self.assertEqual([one for one in required if one and not one.startswith("rpmlib(")], [])
        scripts = self.query(self.package, "--scripts", "--triggers", "--filetriggers")
        self.assertTrue(scripts.startswith("preuninstall scriptlet (using <lua>):\n"), scripts)
        self.assertEqual(scripts.count("scriptlet"), 1, scripts)
        self.assertEqual(self.query(self.package, "--conflicts"), "")

    def test_the_changelog_has_the_version_of_the_package(self):
        version = packages.version()
        self.assertIn(f"{version}-1\n- Version {version}.", self.query(self.package, "--changelog"))

    def test_the_news_begin_with_the_version_of_the_sources(self):
        versions = re.findall(r"(?m)^\d+\.\d+\.\d+$", read(NEWS).decode())
        self.assertEqual(versions[0], packages.version())

    def test_a_build_for_another_machine_names_its_architecture(self):
        _, other, _ = packages.OTHER[os.uname().machine]
        self.assertEqual(self.query(self.make_for_other(), "--queryformat=%{ARCH}"), other)

    def test_rpmlint_reports_only_explained_findings(self):
        packages.assert_rpmlint_finds_nothing(self, self.package)


class RpmSrc(packages.Package):
    """The source package for rpm. The class Rpm tests the files that the same specification
    installs."""

    kind = "rpm-src"
    needs = ("rpm", "rpmbuild", "git")
    executable = None

    def rpmbuild(self, *words):
        """Runs rpmbuild in a new directory, and returns this directory."""
        top = self.path("top")
        run("rpmbuild", f"--define=_topdir {top}", f"--define=_dbpath {top}/database", *words)
        return top

    def test_two_builds_in_one_directory_are_the_same(self):
        before = read(self.package)
        self.make(**packages.ELSEWHERE)
        self.assertTrue(read(self.package) == before)

    def test_the_unpacked_source_has_all_packaged_files(self):
        top = self.rpmbuild("--nodeps", "-rp", self.package)
        # rpm 4.20 unpacks the source in a directory of its own below BUILD.
        name = f"notifybridge-{packages.version()}"
        (tree,) = glob.glob(f"{top}/BUILD/{name}") + glob.glob(f"{top}/BUILD/*/{name}")
        for name in ("LICENSE", "README.md", "NEWS", "meson.build", "man/notifybridge.1"):
            self.assertTrue(os.path.exists(os.path.join(tree, name)), name)
        self.assertNotRegex(read(f"{top}/SPECS/notifybridge.spec"), rb"@[A-Z]+@")

    @unittest.skipUnless(os.environ.get("NOTIFYBRIDGE_LONG"), "compiles all: NOTIFYBRIDGE_LONG=1 runs it")
    def test_the_source_package_can_be_compiled(self):
        top = self.rpmbuild("--nodeps", "--rebuild", self.package)
        self.assertTrue(glob.glob(f"{top}/RPMS/*/notifybridge-{packages.version()}-1.*.rpm"))

    def test_rpmlint_reports_only_explained_findings(self):
        top = self.rpmbuild("--nodeps", "-rp", self.package)
        packages.assert_rpmlint_finds_nothing(self, self.package, f"{top}/SPECS/notifybridge.spec")


class Oci(packages.Package):
    kind = "oci"
    needs = ()

    def unpack(self, package):
        """Returns the files of the archive by name."""
        with tarfile.open(package) as archive:
            return {one.name: archive.extractfile(one).read() for one in archive}

    def test_two_builds_are_the_same(self):
        self.assert_same_once_more()

    def images(self, package):
        """Returns the manifest, the configuration and the executable of each image, by platform."""
        files = self.unpack(package)
        found = {}

        def blob(descriptor):
            content = files["blobs/" + descriptor["digest"].replace(":", "/")]
            self.assertEqual(descriptor["digest"], "sha256:" + hashlib.sha256(content).hexdigest())
            self.assertEqual(descriptor["size"], len(content))
            return content

        def add(listed):
            manifest = json.loads(blob(listed))
            self.assertEqual(manifest["mediaType"], listed["mediaType"])
            if "manifests" in manifest:
                for one in manifest["manifests"]:
                    add(one)
                return
            config = json.loads(blob(manifest["config"]))
            (layer,) = map(blob, manifest["layers"])
            layer = gzip.decompress(layer)
            digest = "sha256:" + hashlib.sha256(layer).hexdigest()
            self.assertEqual(config["rootfs"]["diff_ids"], [digest])
            self.assertEqual({name: config[name] for name in ("os", "architecture")}, listed["platform"])
            with tarfile.open(fileobj=io.BytesIO(layer)) as archive:
                (entry,) = archive
                self.assertEqual((entry.name, entry.mode, entry.uid), ("notifybridge", 0o755, 0))
                executable = archive.extractfile(entry).read()
            found[config["architecture"]] = (manifest, config, executable)

        # podman refuses an archive that lists more than one image.
        (top,) = json.loads(files["index.json"])["manifests"]
        add(top)
        return found

    def native(self):
        return {"x86_64": "amd64", "aarch64": "arm64"}[os.uname().machine]

    def test_the_image_has_only_the_executable(self):
        images = self.images(self.package)
        self.assertEqual(list(images), [self.native()])
        _, config, executable = images[self.native()]
        self.assertEqual(config["config"]["Entrypoint"], ["/notifybridge"])
        self.assertEqual(executable, read(bridge.EXECUTABLE))

    def test_a_build_for_another_machine_names_its_architecture(self):
        other, _, _ = packages.OTHER[os.uname().machine]
        self.assertEqual(list(self.images(self.make_for_other())), [other])

    def test_annotations_describe_the_version_and_its_source(self):
        (package,) = self.make(output=self.dir, SOURCE_DATE_EPOCH="86400")
        ((manifest, config, _),) = self.images(package).values()
        annotations = manifest["annotations"]
        self.assertEqual(config["config"]["Labels"], annotations)
        self.assertEqual(config["created"], "1970-01-02T00:00:00Z")
        prefix = "org.opencontainers.image."
        owner = read(os.path.join(packages.DATA, "owner.sh")).decode()
        expected = {
            "title": "notifybridge",
            "version": packages.version(),
            "licenses": "MIT",
            "created": "1970-01-02T00:00:00Z",
            "authors": re.search("(?m)^maintainer='(.*)'$", owner)[1],
            "url": re.search("(?m)^homepage='(.*)'$", owner)[1],
            "source": re.search("(?m)^repository='(.*)'$", owner)[1],
        }
        for name, value in expected.items():
            self.assertEqual(annotations[prefix + name], value)
        names = {*expected, "description"}
        # Only a commit without changes is the source of the image.
        if shutil.which("git") and not subprocess.call(["git", "-C", SOURCE, "diff", "--quiet", "HEAD"]):
            names.add("revision")
            commit = run("git", "-C", SOURCE, "rev-parse", "HEAD").strip()
            self.assertEqual(annotations[prefix + "revision"], commit)
        self.assertEqual(set(annotations), {prefix + name for name in names})

    def make_for_both(self):
        """Makes an image for two architectures, that of this machine last. Returns its path and the
        executable of the other one."""
        built = self.executable_for_other()
        arch = f"--arch={packages.OTHER[os.uname().machine][0]}"
        (package,) = self.make(arch, executables=[built, self.executable], output=self.dir)
        return package, built

    def test_one_image_has_several_architectures(self):
        package, built = self.make_for_both()
        images = self.images(package)
        other, _, _ = packages.OTHER[os.uname().machine]
        self.assertEqual(list(images), [other, self.native()])
        self.assertEqual(images[self.native()][2], read(bridge.EXECUTABLE))
        self.assertEqual(images[other][2], read(built))
        # With manifest.json, every machine would get the first architecture.
        self.assertNotIn("manifest.json", self.unpack(package))

    def test_executables_that_do_not_fit_together_are_refused(self):
        code = bytearray(read(self.executable))
        code[18:20] = b"\xff\xff"
        unknown = write_executable(self.path("unknown"), code)
        version = packages.version().encode()
        older = read(self.executable_for_other()).replace(b"version " + version, b"version 0.0.1")
        older = write_executable(self.path("older"), older)
        for second, words in (
            (self.executable, f"two executables are for {self.native()}"),
            (unknown, "is for an unknown architecture"),
            (older, f"is not notifybridge {packages.version()}"),
        ):
            with self.assertRaisesRegex(AssertionError, words):
                self.make(executables=[self.executable, second], output=self.dir)

    def test_skopeo_copies_all_architectures(self):
        if not shutil.which("skopeo"):
            self.skipTest("needs skopeo")
        package, _ = self.make_for_both()
        copy = self.path("copy")
        run("skopeo", "copy", "--quiet", "--all", f"oci-archive:{package}", f"dir:{copy}")
        index = json.loads(read(os.path.join(copy, "manifest.json")))
        platforms = [one["platform"]["architecture"] for one in index["manifests"]]
        self.assertEqual(platforms, list(self.images(package)))

    def test_podman_loads_its_architecture_of_several(self):
        podman = self.podman()
        package, _ = self.make_for_both()
        run(*podman, "load", "--quiet", "--input", package)
        form = "--format={{.Architecture}}"
        told = run(*podman, "image", "inspect", form, "localhost/notifybridge")
        self.assertEqual(told, self.native() + "\n")

    def podman(self):
        """Returns the first words of a podman command that stores images in the directory of the
        test."""
        if not shutil.which("podman") or os.getuid() != 0:
            self.skipTest("needs podman, and root")
        storage = [f"--root={self.path('storage')}", f"--runroot={self.path('run')}"]
        return ["podman", *storage, "--storage-driver=vfs", "--events-backend=none"]

    def test_podman_loads_the_image_and_dockerfiles_copy_from_it(self):
        podman = self.podman()
        run(*podman, "load", "--quiet", "--input", self.package)
        with open(self.path("Dockerfile"), "w", encoding="utf-8") as file:
            print("FROM scratch", file=file)
            print("COPY --from=localhost/notifybridge /notifybridge /usr/bin/", file=file)
        run(*podman, "build", "--quiet", "--tag=copied", "--isolation=chroot", self.dir)
        run(*podman, "save", "--format=oci-dir", "--quiet", f"--output={self.path('saved')}", "copied")
        self.assertIn("copied", run(*podman, "images"))


class Spdx(packages.Package):
    """The document that lists the contents of the executable. SPDX 2.3 requires the fields
    below."""

    kind = "spdx"
    needs = ()
    DOCUMENT = {"spdxVersion", "dataLicense", "SPDXID", "name", "documentNamespace", "creationInfo"}
    PACKAGE = {"SPDXID", "name", "downloadLocation"}
    PURL = r"^pkg:deb/\w+/[^@?]+@[^@?]+\?arch=source&distro=\S+$"
    RELATIONSHIP = {"spdxElementId", "relationshipType", "relatedSpdxElement"}

    def load(self, path):
        """Returns the document and its packages by name, after checking the shape of both."""
        document = json.loads(read(path))
        self.assertLessEqual(self.DOCUMENT, set(document))
        self.assertEqual(document["spdxVersion"], "SPDX-2.3")
        self.assertEqual(document["dataLicense"], "CC0-1.0")
        self.assertEqual(document["SPDXID"], "SPDXRef-DOCUMENT")
        self.assertRegex(document["documentNamespace"], r"^https://[^#\s]+$")
        info = document["creationInfo"]
        self.assertRegex(info["created"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        self.assertTrue(info["creators"])
        for creator in info["creators"]:
            self.assertRegex(creator, r"^(Tool: \S+|Organization: [^(]+ \(\S+@\S+\))$")
        ids = [document["SPDXID"]]
        for package in document["packages"]:
            self.assertLessEqual(self.PACKAGE, set(package))
            self.assertRegex(package["SPDXID"], r"^SPDXRef-[A-Za-z0-9.-]+$")
            # The default is true, which would require a verification code of all files.
            self.assertIs(package["filesAnalyzed"], False)
            for reference in package.get("externalRefs", []):
                self.assertRegex(reference["referenceLocator"], self.PURL)
            ids.append(package["SPDXID"])
        self.assertEqual(len(ids), len(set(ids)))
        for relationship in document["relationships"]:
            self.assertEqual(set(relationship), self.RELATIONSHIP)
            self.assertIn(relationship["spdxElementId"], ids)
            self.assertIn(relationship["relatedSpdxElement"], [*ids, "NOASSERTION"])
        return document, {package["name"]: package for package in document["packages"]}

    def related(self, document, kind):
        return [
            (one["spdxElementId"], one["relatedSpdxElement"])
            for one in document["relationships"]
            if one["relationshipType"] == kind
        ]

    def test_two_documents_are_the_same(self):
        self.assert_same_once_more()

    def test_the_document_describes_the_executable(self):
        document, found = self.load(self.package)
        this = found["notifybridge"]
        self.assertEqual(self.related(document, "DESCRIBES"), [("SPDXRef-DOCUMENT", this["SPDXID"])])
        self.assertEqual((this["versionInfo"], this["licenseDeclared"]), (packages.version(), "MIT"))
        digest = hashlib.sha256(read(bridge.EXECUTABLE)).hexdigest()
        self.assertEqual(this["checksums"], [{"algorithm": "SHA256", "checksumValue": digest}])

    def test_the_document_lists_every_linked_package(self):
        record = os.path.join(os.path.dirname(bridge.EXECUTABLE), "linked.d")
        if not shutil.which("dpkg-query") or not os.path.exists(record):
            self.skipTest("needs dpkg, and the linker's record beside the executable")
        document, found = self.load(self.package)
        this = found.pop("notifybridge")["SPDXID"]
        expected = [(this, package["SPDXID"]) for package in found.values()]
        self.assertEqual(self.related(document, "STATIC_LINK"), expected)
        # The names of some packages contain versions.
        for pattern, file, license_id in (
            ("boost[0-9.]*", "libboost_log.a", "BSL-1.0"),
            ("gcc-[0-9]+", "libstdc++.a", "GPL-3.0-or-later WITH GCC-exception-3.1"),
            ("gcc-[0-9]+", "libgcc.a", "GPL-3.0-or-later WITH GCC-exception-3.1"),
            ("glibc", "libc.a", "LGPL-2.1-or-later"),
        ):
            (package,) = [one for name, one in found.items() if re.fullmatch(pattern, name)]
            self.assertIn(file, package["comment"].replace(",", "").split())
            self.assertEqual(package["licenseDeclared"], license_id)
        # The field Static-Built-Using of the deb has the same packages.
        field = run("python3", os.path.join(packages.DATA, "linked.py"), record).strip()
        owned = [one for one in found.values() if "externalRefs" in one]
        told = ", ".join(f"{one['name']} (= {one['versionInfo']})" for one in owned)
        self.assertEqual(told, field)

    def test_contents_are_not_asserted_without_a_record(self):
        alone = write_executable(self.path("notifybridge"), read(self.executable))
        document, found = self.load(self.make(executables=[alone], output=self.dir)[0])
        self.assertEqual(list(found), ["notifybridge"])
        links = self.related(document, "STATIC_LINK")
        self.assertEqual(links, [(found["notifybridge"]["SPDXID"], "NOASSERTION")])

    def test_debug_information_is_refused(self):
        with self.assertRaisesRegex(AssertionError, "--debug is only for deb and rpm"):
            self.make("--debug")


if __name__ == "__main__":
    packages.main({"deb": Deb, "deb-src": DebSrc, "rpm": Rpm, "rpm-src": RpmSrc, "oci": Oci, "spdx": Spdx})
