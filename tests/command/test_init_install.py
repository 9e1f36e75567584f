#!/usr/bin/python3
"""Tests `notifybridge init --install` and --uninstall: notifybridge-init(1), OPTIONS."""

import os
import shutil
import subprocess
import unittest

import bridge

LINK = "/usr/bin/notifybridge"
SYSV = ("halt", "poweroff", "reboot", "runlevel", "shutdown", "telinit")
LINKS = ["usr/bin/systemctl", "usr/bin/systemd-run", *(f"usr/sbin/{name}" for name in ("init", *SYSV))]


class InitInstall(bridge.Case):
    def setUp(self):
        super().setUp()
        self.image = self.path("image")
        for directory in ("usr/bin", "usr/sbin"):
            os.makedirs(os.path.join(self.image, directory))
        # The links are those of a system with merged /usr. Absolute links also stay inside the
        # image.
        os.symlink("usr/bin", os.path.join(self.image, "bin"))
        os.symlink("usr/lib", os.path.join(self.image, "lib"))
        os.symlink("/usr/sbin", os.path.join(self.image, "sbin"))

    def inside(self, path):
        return os.path.join(self.image, path)

    def write(self, path, text):
        os.makedirs(os.path.dirname(self.inside(path)), exist_ok=True)
        with open(self.inside(path), "w", encoding="utf-8") as file:
            file.write(text)

    def run_init(self, option):
        return self.run_to_end("notifybridge", "init", f"--{option}={self.image}")

    def read(self, path):
        with open(self.inside(path), encoding="utf-8") as file:
            return file.read()

    def install(self):
        status, out, err = self.run_init("install")
        self.assertEqual((status, err), (0, ""))
        for name in LINKS:
            self.assertEqual(os.readlink(self.inside(name)), LINK)
        with open(self.inside("usr/bin/notifybridge"), "rb") as file:
            with open(bridge.EXECUTABLE, "rb") as own:
                self.assertEqual(file.read(), own.read())
        self.assertTrue(os.access(self.inside("usr/bin/notifybridge"), os.X_OK))
        return out

    def names(self):
        return sorted(
            os.path.join(directory, name)
            for directory in ("usr/bin", "usr/sbin", "usr/lib/systemd")
            if os.path.exists(self.inside(directory))
            for name in os.listdir(self.inside(directory))
        )

    def test_a_bare_image_gets_the_executable_and_links(self):
        self.assertIn("installed", self.install())
        names = sorted(["usr/bin/notifybridge", *LINKS])
        self.assertEqual(self.names(), names)
        self.assertNotIn("installed", self.install())
        self.assertEqual(self.names(), names)

    def test_programs_are_kept_and_restored(self):
        self.write("usr/bin/systemctl", "theirs")
        os.symlink("/lib/systemd/systemd", self.inside("usr/sbin/init"))
        os.symlink("/bin/systemctl", self.inside("usr/sbin/halt"))
        self.install()
        self.install()
        status, _, err = self.run_init("uninstall")
        self.assertEqual((status, err), (0, ""))
        with open(self.inside("usr/bin/systemctl"), encoding="utf-8") as file:
            self.assertEqual(file.read(), "theirs")
        self.assertEqual(os.readlink(self.inside("usr/sbin/init")), "/lib/systemd/systemd")
        self.assertEqual(os.readlink(self.inside("usr/sbin/halt")), "/bin/systemctl")
        kept = ["usr/bin/notifybridge", "usr/bin/systemctl", "usr/sbin/halt", "usr/sbin/init"]
        self.assertEqual(self.names(), kept)
        # A repeated uninstallation must not remove files of others.
        status, out, _ = self.run_init("uninstall")
        self.assertEqual(status, 0)
        self.assertIn(": it is not a link to notifybridge", out)
        # The other links of SYSV do not exist in this image.
        self.assertNotIn("poweroff", out)
        self.assertTrue(os.path.exists(self.inside("usr/bin/systemctl")))

    def test_an_older_executable_is_replaced(self):
        self.write("usr/bin/notifybridge", "older")
        self.assertIn("installed", self.install())

    def test_a_program_that_a_package_put_back_is_replaced(self):
        self.install()
        os.unlink(self.inside("usr/bin/systemctl"))
        self.write("usr/bin/systemctl", "upgraded")
        self.install()
        with open(self.inside("usr/bin/systemctl.systemd"), encoding="utf-8") as file:
            self.assertEqual(file.read(), "upgraded")

    def test_systemd_is_replaced_if_the_image_has_it(self):
        # The command of such an image is often /lib/systemd/systemd.
        self.write("usr/lib/systemd/other", "")
        # The image has no systemd. It is a slim image, or an older release has prepared it.
        self.install()
        self.assertEqual(os.listdir(self.inside("usr/lib/systemd")), ["other"])
        self.write("usr/lib/systemd/systemd", "theirs")
        self.assertIn("/usr/lib/systemd/systemd; the previous program is now", self.install())
        self.assertEqual(self.install().count("/usr/lib/systemd/systemd is already a link"), 1)
        self.assertEqual(os.readlink(self.inside("usr/lib/systemd/systemd")), LINK)
        self.assertEqual(self.read("usr/lib/systemd/systemd.systemd"), "theirs")
        # A link that was removed comes back, and so does the original.
        os.unlink(self.inside("usr/lib/systemd/systemd"))
        self.install()
        self.assertEqual(os.readlink(self.inside("usr/lib/systemd/systemd")), LINK)
        os.unlink(self.inside("usr/lib/systemd/systemd"))
        self.assertEqual(self.run_init("uninstall")[0], 0)
        self.assertEqual(self.read("usr/lib/systemd/systemd"), "theirs")
        self.assertEqual(
            self.names(), ["usr/bin/notifybridge", "usr/lib/systemd/other", "usr/lib/systemd/systemd"]
        )

    def test_systemd_is_replaced_in_an_image_without_merged_usr(self):
        os.unlink(self.inside("lib"))
        self.write("lib/systemd/systemd", "theirs")
        self.write("usr/lib/systemd/other", "")
        self.install()
        self.assertEqual(os.readlink(self.inside("lib/systemd/systemd")), LINK)
        self.assertEqual(os.listdir(self.inside("usr/lib/systemd")), ["other"])
        self.assertEqual(self.run_init("uninstall")[0], 0)
        self.assertEqual(self.read("lib/systemd/systemd"), "theirs")
        self.assertEqual(os.listdir(self.inside("lib/systemd")), ["systemd"])

    def test_a_note_tells_that_systemd_tmpfiles_is_missing(self):
        note = "note: systemd-tmpfiles is missing, so daemons such as mariadb lack their directories"
        for _ in range(2):
            (line,) = [line for line in self.install().splitlines() if "tmpfiles" in line]
            self.assertTrue(line.startswith(note), line)
            self.assertIn("install the package systemd, or the package systemd-standalone-tmpfiles", line)
        for path in ("usr/bin/systemd-tmpfiles", "usr/local/sbin/systemd-tmpfiles"):
            self.write(path, "")
            self.assertNotIn("tmpfiles", self.install())
            os.unlink(self.inside(path))

    def write_dpkg(self, directory):
        for name in ("status", "diversions"):
            self.write(f"{directory}/{name}", "")
        self.write("usr/bin/dpkg", "")

    def snapshot(self, directory):
        """Returns the paths below a directory, with their links and their content."""
        found = {}
        for place, directories, files in os.walk(directory):
            for name in directories + files:
                path = os.path.join(place, name)
                is_file = os.path.isfile(path) and not os.path.islink(path)
                found[path] = os.readlink(path) if os.path.islink(path) else is_file
                if is_file:
                    with open(path, encoding="utf-8") as file:
                        found[path] = file.read()
        return found

    @unittest.skipUnless(shutil.which("dpkg-divert"), "there is no dpkg-divert")
    def test_a_link_of_the_image_leads_to_no_file_of_the_host(self):
        host = self.path("host")
        os.makedirs(os.path.join(host, "dpkg"))
        for name in ("dpkg/status", "dpkg/diversions", "target"):
            with open(os.path.join(host, name), "w", encoding="utf-8") as file:
                file.write("" if name.startswith("dpkg/") else "theirs")
        before = self.snapshot(host)
        # The absolute link stays in the image, which has no such directory.
        self.write("usr/bin/dpkg", "")
        os.makedirs(self.inside("var/lib"))
        os.symlink(os.path.join(host, "dpkg"), self.inside("var/lib/dpkg"))
        status, _, err = self.run_init("install")
        self.assertEqual(status, 1)
        self.assertIn(f"cannot open {self.image}/var/lib/dpkg in the image: No such file", err)
        # Neither are the files of this directory followed.
        os.unlink(self.inside("var/lib/dpkg"))
        self.write_dpkg("var/lib/dpkg")
        for name in ("diversions", "diversions-new", "diversions-old"):
            path = self.inside(f"var/lib/dpkg/{name}")
            if os.path.exists(path):
                os.unlink(path)
            os.symlink(os.path.join(host, "target"), path)
            status, _, err = self.run_init("install")
            self.assertEqual(status, 1)
            self.assertIn(f"refusing {self.image}/var/lib/dpkg/{name}: it is a symbolic link", err)
            os.unlink(path)
        self.write("var/lib/dpkg/diversions", "")
        # dpkg-divert writes to this file before it renames it.
        path = self.inside("var/lib/dpkg/diversions-new")
        os.link(os.path.join(host, "target"), path)
        status, _, err = self.run_init("install")
        self.assertEqual(status, 1)
        self.assertIn(f"refusing {self.image}/var/lib/dpkg/diversions-new: it has another name", err)
        os.unlink(path)
        # Links that leave the image by ".." or as an absolute path stay inside.
        os.makedirs(self.inside("real/sbin"))
        os.unlink(self.inside("sbin"))
        os.symlink("../../../../../../../../../../real/sbin", self.inside("sbin"))
        # The old executable is not opened.
        os.symlink("/dev/zero", self.inside("usr/bin/notifybridge"))
        status, out, err = self.run_init("install")
        self.assertEqual((status, err), (0, ""))
        self.assertIn(f"linked {self.image}/real/sbin/init", out)
        self.assertTrue(os.path.isfile(self.inside("usr/bin/notifybridge")))
        self.assertEqual(self.snapshot(host), before)

    @unittest.skipUnless(shutil.which("dpkg-divert"), "there is no dpkg-divert")
    def test_a_link_to_dpkgs_data_inside_the_image_is_followed(self):
        self.write_dpkg("usr/share/dpkg-data")
        os.makedirs(self.inside("var/lib"))
        os.symlink("/usr/share/dpkg-data", self.inside("var/lib/dpkg"))
        self.install()
        self.assertIn("systemctl.systemd", self.read("usr/share/dpkg-data/diversions"))

    @unittest.skipUnless(shutil.which("dpkg-divert"), "there is no dpkg-divert")
    def test_the_replaced_programs_are_diverted_in_dpkg(self):
        for name in ("status", "diversions"):
            self.write(f"var/lib/dpkg/{name}", "")
        os.makedirs(self.inside("var/lib/dpkg/info"))
        self.write("usr/bin/dpkg", "")

        def diversions():
            words = ["dpkg-divert", "--root", self.image, "--list"]
            return subprocess.run(words, check=True, capture_output=True, text=True).stdout

        # This PATH contains dpkg-divert.
        self.write("usr/bin/systemctl", "theirs")
        self.install()
        self.install()
        for name in ("/usr/bin/systemctl", "/bin/systemctl", "/sbin/init", "/usr/sbin/init"):
            self.assertIn(f"local diversion of {name} to {name}.systemd\n", diversions())
        self.assertNotIn("lib/systemd", diversions())
        self.write("usr/lib/systemd/systemd", "theirs")
        self.install()
        for name in ("/usr/lib/systemd/systemd", "/lib/systemd/systemd"):
            self.assertIn(f"local diversion of {name} to {name}.systemd\n", diversions())
        self.assertEqual(self.run_init("uninstall")[0], 0)
        self.assertEqual(diversions(), "")
        with open(self.inside("usr/bin/systemctl"), encoding="utf-8") as file:
            self.assertEqual(file.read(), "theirs")

    def test_without_dpkg_divert_an_image_with_dpkg_stays_unchanged(self):
        self.write("usr/bin/dpkg", "")
        status, _, err = self.run_to_end(
            "notifybridge", "init", f"--install={self.image}", PATH=self.path("nowhere")
        )
        self.assertEqual(status, 1)
        self.assertIn("run this command in the image", err)
        self.assertEqual(self.names(), ["usr/bin/dpkg"])

    @unittest.skipUnless(os.geteuid() == 0 and shutil.which("unshare"), "cannot mount")
    def test_a_root_that_cannot_be_written_is_an_error(self):
        for name in ("unshare", "sh"):
            os.symlink(shutil.which(name), os.path.join(self.bin, name))
        mount = 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && exec "$0" init --install="$1"'
        status, _, err = self.run_to_end(
            *("unshare", "--mount", "sh", "-c", mount),
            *self.command("notifybridge", self.image),
        )
        self.assertEqual(status, 1)
        self.assertIn("cannot write", err)
        self.assertIn("Read-only file system", err)

    @unittest.skipUnless(os.geteuid() == 0 and shutil.which("unshare"), "cannot mount")
    def test_extra_words_and_options_are_refused(self):
        # Otherwise, a forgotten "=" would change this system, which is read-only here.
        for name in ("unshare", "sh"):
            os.symlink(shutil.which(name), os.path.join(self.bin, name))
        read_only = 'mount -o remount,bind,ro / && exec "$0" init "$@"'
        for words in (
            ["--install", self.image],
            ["--uninstall", self.image],
            ["--install", f"--root={self.image}"],
            [f"--install={self.image}", "--unit=app.service"],
        ):
            status, _, err = self.run_to_end(
                *("unshare", "--mount", "sh", "-c", read_only),
                *self.command("notifybridge", *words),
            )
            self.assertEqual(status, 1, err)
            self.assertRegex(err, "=DIRECTORY|cannot be combined with it")
        self.assertEqual(self.names(), [])

    def test_a_directory_that_is_not_an_image_is_an_error(self):
        for option in ("install", "uninstall"):
            status, _, err = self.run_to_end(
                "notifybridge", "init", f"--{option}={self.path('nowhere')}"
            )
            self.assertEqual(status, 1)
            self.assertIn("is not a directory", err)
        os.mkdir(self.path("empty"))
        status, _, err = self.run_to_end("notifybridge", "init", f"--install={self.path('empty')}")
        self.assertEqual(status, 1)
        self.assertIn("the root directory of an image?", err)

    def test_packages_can_enable_units_of_user_managers(self):
        def ctl(*words):
            return self.run_to_end("notifybridge", "ctl", f"--root={self.image}", "--global", *words)

        # deb-systemd-helper enables units of users like this in Debian 13.
        self.write("usr/lib/systemd/user/agent.socket", "[Install]\nWantedBy=sockets.target\n")
        self.write("usr/lib/systemd/user/other.socket", "[Install]\nWantedBy=sockets.target\n")
        self.write("etc/systemd/user-preset/1.preset", "disable other.socket\n")
        self.write("etc/systemd/system-preset/1.preset", "disable agent.socket\n")
        for unit in ("agent.socket", "other.socket"):
            self.assertEqual(ctl("--preset-mode=enable-only", "preset", unit)[0], 0)
        links = self.inside("etc/systemd/user/sockets.target.wants")
        self.assertEqual(os.listdir(links), ["agent.socket"])
        self.assertEqual(ctl("is-enabled", "agent.socket")[:2], (0, "enabled\n"))
        self.assertEqual(ctl("is-enabled", "other.socket")[:2], (1, "disabled\n"))
        _, out, _ = ctl("list-unit-files", "--no-legend")
        self.assertEqual(
            [line.split() for line in out.splitlines()],
            [["agent.socket", "enabled", "enabled"], ["other.socket", "disabled", "disabled"]],
        )
        self.assertEqual(ctl("--runtime", "mask", "other.socket")[0], 0)
        self.assertEqual(
            os.readlink(self.inside("run/systemd/user/other.socket")), "/dev/null"
        )
        status, _, err = ctl("start", "agent.socket")
        self.assertEqual(status, 1)
        self.assertIn("--global is not supported for this operation.", err)
        status, _, err = ctl("--now", "enable", "other.socket")
        self.assertEqual(status, 1)
        self.assertIn("--now cannot be used with --global.", err)

    def test_install_and_uninstall_exclude_each_other(self):
        status, _, err = self.run_to_end("notifybridge", "init", "--install", "--uninstall")
        self.assertEqual(status, 1)
        self.assertIn("cannot be combined", err)


bridge.main()
