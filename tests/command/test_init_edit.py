#!/usr/bin/python3
"""Tests `ctl edit`: notifybridge-ctl(1), edit."""

import os
import pty

import bridge
import managed

UNIT = "[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/true\n"
DROP_IN = "[Service]\nEnvironment=A=b\n"

# Appends the arguments and the files to `seen`, and then runs the commands of the test on each file.
EDITOR = """#!/bin/sh
echo "$@" >>{seen}
for file; do
    case $file in +* | --*) continue ;; esac
    cat "$file" >>{seen}
    {commands}
done
"""


class Edit(managed.Case):
    def setUp(self):
        super().setUp()
        os.makedirs(self.path("root", "usr", "lib", "systemd", "system"))
        self.vendor = self.path("root", "usr", "lib", "systemd", "system", "app.service")
        with open(self.vendor, "w", encoding="utf-8") as file:
            file.write(UNIT)
        self.drop_ins = os.path.join(self.units, "app.service.d")

    def boot(self):
        process = self.start_init()
        self.wait_until_up(process)

    def drop_in(self, name="override.conf"):
        return self.read(os.path.join(self.drop_ins, name))

    def edit(self, commands, *words):
        """Runs `ctl edit` on a terminal. Returns its status and what it printed there."""
        editor = self.path("editor")
        with open(editor, "w", encoding="utf-8") as file:
            file.write(EDITOR.format(seen=self.path("seen"), commands=commands))
        os.chmod(editor, 0o755)
        command = self.command("notifybridge", "ctl", f"--root={self.root}", "edit", *words)
        pid, terminal = pty.fork()
        if pid == 0:
            os.execve(command[0], command, self.environment(SYSTEMD_EDITOR=f"{editor} --flag"))
        shown = b""
        while True:
            try:
                shown += os.read(terminal, 4096)
            except OSError:
                break
        os.close(terminal)
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), shown.decode().replace("\r", "")

    def test_a_drop_in_is_written_and_takes_effect(self):
        self.boot()
        path = os.path.join(self.drop_ins, "override.conf")
        status, shown = self.edit(f"sed -i '3a {DROP_IN[:-1]}' $file".replace("\n", "\\n"), "app")
        self.assertEqual((status, shown), (0, f"Successfully installed edited file '{path}'.\n"))
        self.assertEqual(self.drop_in(), DROP_IN)
        self.assertEqual(os.listdir(self.drop_ins), ["override.conf"])
        seen = self.read("seen").splitlines()
        self.assertRegex(seen[0], r"^--flag \+4 /.*/app.service.d/\.#override.conf[0-9a-f]{16}$")
        self.assertEqual(seen[1], f"### Editing {path}")
        self.assertIn("### /usr/lib/systemd/system/app.service", seen)
        self.assertIn("# ExecStart=/bin/true", seen)
        self.assertEqual(self.ctl("show", "-p", "Environment", "app")[1], "Environment=A=b\n")
        # The next edit begins with this content, which is not shown a second time as a comment.
        os.unlink(self.path("seen"))
        self.assertEqual(self.edit("sed -i s/A=b/A=c/ $file", "app")[0], 0)
        self.assertEqual(self.drop_in(), DROP_IN.replace("A=b", "A=c"))
        self.assertEqual(self.read("seen").count("Environment=A=b"), 1)
        status, _, err = self.ctl("revert", "app")
        self.assertEqual(status, 0, err)
        self.assertFalse(os.path.exists(self.drop_ins))

    def test_nothing_is_written_without_content_or_if_the_editor_fails(self):
        for commands, end in (("", (0, "new contents are empty")), ("exit 3", (1, "status 3"))):
            with self.subTest(commands):
                status, shown = self.edit(commands, "app")
                self.assertEqual(status, end[0])
                self.assertIn(end[1], shown)
                self.assertFalse(os.path.exists(self.drop_ins))

    def test_a_whole_unit_is_copied_and_edited(self):
        status, shown = self.edit("sed -i s/true/echo/ $file", "--full", "app")
        self.assertEqual(status, 0, shown)
        copy = os.path.join(self.units, "app.service")
        self.assertEqual(self.read(copy), UNIT.replace("true", "echo"))
        self.assertEqual(self.read(self.vendor), UNIT)
        self.assertNotIn("###", self.read("seen"))

    def test_several_units_are_edited_at_once(self):
        self.write_unit("other.service", UNIT)
        status, shown = self.edit("sed -i '3a [Service]' $file", "app", "other")
        self.assertEqual(status, 0, shown)
        self.assertEqual(shown.count("Successfully installed"), 2)
        self.assertNotIn("+4", self.read("seen").splitlines()[0])

    def edit_from_stdin(self, text, *words):
        with open(self.path("stdin"), "w+", encoding="utf-8") as file:
            file.write(text)
            file.seek(0)
            return self.ctl("edit", "--stdin", *words, stdin=file)

    def test_contents_are_read_from_standard_input(self):
        self.boot()
        self.assertEqual(self.edit_from_stdin("\n" + DROP_IN + "\n\n", "app")[0], 0)
        self.assertEqual(self.drop_in(), DROP_IN)
        self.assertEqual(self.edit_from_stdin(DROP_IN, "--drop-in=more", "app")[0], 0)
        self.assertEqual(self.drop_in("more.conf"), DROP_IN)
        self.assertEqual(self.ctl("show", "-p", "Environment", "app")[1], "Environment=A=b\n")
        self.assertEqual(self.edit_from_stdin(DROP_IN, "--runtime", "--drop-in=r", "app")[0], 0)
        self.assertEqual(self.read("root/run/systemd/system/app.service.d/r.conf"), DROP_IN)
        status, _, err = self.edit_from_stdin(DROP_IN, "--runtime", "app")
        self.assertEqual(status, 1)
        self.assertIn("because it would be overridden by", err)
        status, _, err = self.edit_from_stdin(UNIT, "--force", "--full", "new")
        self.assertEqual(status, 0, err)
        self.assertEqual(self.ctl("start", "new")[0], 0)
        self.assertEqual(self.ctl("is-active", "new")[1], "active\n")

    def test_an_edit_that_cannot_work_names_the_reason(self):
        os.symlink("/dev/null", os.path.join(self.units, "masked.service"))
        for words, reason in (
            (("none",), "Run 'systemctl edit --force --full none.service' to create a new unit."),
            (("masked",), "Cannot edit masked.service: unit is masked."),
            (("--drop-in=a/b", "app"), "Invalid drop-in file name 'a/b'."),
            (("--full", "--drop-in=a", "app"), "--drop-in= cannot be used with --full."),
            (("--full", "app", "app"), "exactly one unit for editing must be specified."),
        ):
            with self.subTest(words):
                status, _, err = self.edit_from_stdin(DROP_IN, *words)
                self.assertEqual(status, 1)
                self.assertIn(reason, err)
        status, _, err = self.ctl("edit", "app")
        self.assertEqual(status, 1)
        self.assertIn("Cannot edit units interactively if not on a tty.", err)
        self.assertIn("--stdin", err)

    def test_other_verbs_of_systemctl_name_what_to_do_instead(self):
        for verb, advice in (
            ("default", "Instead, run: systemctl isolate default.target"),
            ("rescue", "open a shell from outside: podman exec"),
            ("set-property", "change the unit with 'systemctl edit UNIT'"),
            ("hibernate", "See --help."),
        ):
            status, _, err = self.ctl(verb)
            self.assertEqual(status, 1)
            self.assertIn(f"The verb '{verb}' of systemctl is not supported here. ", err)
            self.assertIn(advice, err)


bridge.main()
