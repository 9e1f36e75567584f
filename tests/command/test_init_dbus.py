#!/usr/bin/python3
"""Tests init on a system bus, that of a real dbus-daemon: notifybridge-init(1), D-Bus."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import unittest

import bridge
import managed

ACTIVATED = """[D-BUS Service]
Name={name}
Exec=/bin/false
User=root
SystemdService={unit}
"""
# This program accepts connections. It sends invalid data of another kind over each connection, and
# then closes it.
RUBBISH = """
import os, socket, sys
listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[1])
listener.listen()
for rubbish in (b"no bus\\r\\n", b"x" * 100000, b"OK 1\\r\\n" + b"x" * 100,
                b"OK 1\\r\\nl\\2\\0\\1" + b"\\xff" * 100000):
    connection, _ = listener.accept()
    connection.sendall(rubbish)
    connection.close()
    print("said", len(rubbish), flush=True)
connection, _ = listener.accept()
connection.recv(1)
print("all said", flush=True)
connection.recv(100000)
connection.recv(1)
"""
NAME = "org.freedesktop.systemd1"
MANAGER = ("/org/freedesktop/systemd1", NAME + ".Manager")


HAS_DBUS = shutil.which("dbus-daemon") and shutil.which("busctl")


@unittest.skipUnless(HAS_DBUS, "needs dbus-daemon and busctl")
class InitDBus(managed.Case):
    def setUp(self):
        super().setUp()
        self.socket = self.bus_path()
        os.makedirs(os.path.dirname(self.socket))
        self.services = self.path("services")
        os.makedirs(self.services)

    def write_activated(self, name, unit):
        with open(os.path.join(self.services, name + ".service"), "w", encoding="utf-8") as file:
            file.write(ACTIVATED.format(name=name, unit=unit))

    def boot(self, *units):
        self.write_unit("default.target", "[Unit]\nWants=" + " ".join(units) + "\n")
        process = self.start_init("--verbose", DBUS_SYSTEM_BUS_ADDRESS=None)
        self.wait_until_up(process)
        return process

    def busctl(self, *words):
        """Returns the status and the output of busctl, which waits longer than a test does."""
        done = subprocess.run(
            ["busctl", f"--address=unix:path={self.socket}", "--timeout=300", *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout

    def call(self, *words):
        return self.busctl("call", NAME, *MANAGER, *words)

    def state(self, unit):
        return self.ctl("show", "--property=ActiveState", "--value", unit)[1].strip()

    def restarts(self, unit):
        return self.ctl("show", "--property=NRestarts", "--value", unit)[1].strip()

    def wait_for_name(self):
        bridge.eventually(
            "the name is taken",
            lambda: self.busctl("call", NAME, "/", "org.freedesktop.DBus.Peer", "Ping")[0] == 0,
        )

    def test_units_are_read_and_changed_on_the_bus(self):
        self.write_bus()
        self.write_unit("app.service", managed.IDLE)
        self.boot("dbus.service")
        self.wait_for_name()
        status, out = self.call("StartUnit", "ss", "app.service", "replace")
        self.assertEqual(status, 0, out)
        self.assertRegex(out, r'^o "/org/freedesktop/systemd1/job/\d+"\n$')
        bridge.eventually("it is active", lambda: self.state("app.service") == "active")
        path = "/org/freedesktop/systemd1/unit/app_2eservice"
        out = self.busctl("get-property", NAME, path, NAME + ".Unit", "ActiveState", "Names")[1]
        self.assertEqual(out, 's "active"\nas 1 "app.service"\n')
        service = (path, NAME + ".Service")
        out = self.busctl("get-property", NAME, *service, "Type", "TimeoutStopUSec")[1]
        self.assertEqual(out, 's "simple"\nt 90000000\n')
        self.assertIn("MainPID", self.busctl("introspect", NAME, path)[1])
        out = self.call("StartTransientUnit")[1]
        self.assertIn("does not support transient units (systemd-run); write a unit file", out)
        out = self.call("StartUnit", "ss", "none.service", "replace")[1]
        self.assertIn("Unit none.service not found.", out)

    def test_a_page_of_services_can_be_filled(self):
        """Makes the calls of cockpit's pages for all services and for one service."""
        self.write_bus()
        self.write_unit("app.service", managed.IDLE + "[Install]\nWantedBy=default.target\n")
        self.write_unit("off.service", managed.IDLE + "[Install]\nWantedBy=default.target\n")
        self.write_unit("app.socket", "[Socket]\nListenStream=/run/x.sock\n")
        self.write_unit("tick.timer", "[Timer]\nOnCalendar=2190-01-01\nUnit=app.service\n")
        self.write_unit(
            "unmet.service",
            "[Unit]\nConditionPathExists=/no/such\n[Service]\nExecStart=/bin/true\n",
        )
        self.assertEqual(self.ctl("enable", "app.service")[0], 0)
        self.boot("dbus.service", "tick.timer", "unmet.service")
        self.wait_for_name()
        status, out = self.call("ListUnitFiles")
        self.assertEqual(status, 0, out)
        app, off = (f'"{os.path.join(self.units, name)}.service"' for name in ("app", "off"))
        for file in (f'{app} "enabled"', f'{off} "disabled"', '"/built-in/basic.target" "static"'):
            self.assertIn(file, out)
        files = re.findall(r'"([^"/]*)"|/([^"/]*)"', out)
        listed = self.ctl("list-unit-files", "--no-legend")[1].split("\n")[:-1]
        self.assertEqual(
            sorted(" ".join(line.split()[:2]) for line in listed),
            sorted(f"{file[1]} {state[0]}" for file, state in zip(files[::2], files[1::2])),
        )
        out = self.call("ListUnitFilesByPatterns", "asas", "0", "1", "app.s*vice")[1]
        self.assertEqual(out, f'a(ss) 1 {app} "enabled"\n')
        out = self.call("ListUnitFilesByPatterns", "asas", "1", "disabled", "1", "*.service")[1]
        self.assertEqual(out, f'a(ss) 1 {off} "disabled"\n')

        def all_of(unit, interface):
            path = self.call("LoadUnit", "s", unit)[1].split('"')[1]
            properties = (path, "org.freedesktop.DBus.Properties", "GetAll")
            return self.busctl("call", NAME, *properties, "s", f"{NAME}.{interface}")[1]

        self.assertIn('"Listen" a(ss) 1 "Stream" "/run/x.sock"', all_of("app.socket", "Socket"))
        unmet = '"Conditions" a(sbbsi) 1 "ConditionPathExists" false false "/no/such" -1'
        self.assertIn(unmet, all_of("unmet.service", "Unit"))
        self.assertIn('"Triggers" as 1 "app.service"', all_of("tick.timer", "Unit"))
        self.assertIn('"TriggeredBy" as 1 "tick.timer"', all_of("app.service", "Unit"))
        timer = all_of("tick.timer", "Timer")
        self.assertRegex(timer, r'"NextElapseUSecRealtime" t [1-9]\d{14,} ')
        self.assertIn('"LastTriggerUSec" t 0 ', timer)

    def test_the_bus_activates_units(self):
        self.write_bus()
        self.write_unit("app.service", managed.IDLE)
        self.write_unit("fails.service", "[Service]\nType=oneshot\nExecStart=/bin/false\n")
        self.write_activated("org.example.App", "app.service")
        self.write_activated("org.example.Fails", "fails.service")
        self.write_activated("org.example.Missing", "missing.service")
        self.boot("dbus.service")
        self.wait_for_name()
        call = ["/", "org.freedesktop.DBus.Peer", "Ping"]
        out = self.busctl("call", "org.example.Missing", *call)[1]
        self.assertIn("Unit missing.service not found.", out)
        out = self.busctl("call", "org.example.Fails", *call)[1]
        self.assertIn("Unit fails.service could not be started (job result: failed).", out)
        self.busctl("--expect-reply=no", "call", "org.example.App", *call)
        bridge.eventually("it is active", lambda: self.state("app.service") == "active")

    def test_a_restarted_bus_has_the_name_again(self):
        self.write_bus()
        self.boot("dbus.service")
        for restarts in range(1, 4):
            self.wait_for_name()
            self.ctl("kill", "--signal=KILL", "dbus.service")
            bridge.eventually(
                "it has restarted", lambda: self.restarts("dbus.service") == str(restarts)
            )
        self.wait_for_name()
        self.ctl("stop", "dbus.service")
        self.ctl("start", "dbus.service")
        self.wait_for_name()

    def test_a_refused_name_is_explained_once(self):
        # The first connection fails. The second is refused before the first retry, after 0.1 s.
        self.write_bus(own="org.example.Nothing", delay=0.05)
        process = self.boot("dbus.service")
        explained = "cannot answer on D-Bus: .*not allowed"
        bridge.eventually("it is explained", lambda: re.search(explained, process.err))
        time.sleep(0.3)
        self.assertEqual(process.err.count("cannot answer"), 1)

    def test_invalid_data_from_a_bus_is_harmless(self):
        script = self.path("rubbish.py")
        with open(script, "w", encoding="utf-8") as file:
            file.write(RUBBISH)
        self.write_unit(
            "dbus.service", f"[Service]\nExecStart={sys.executable} {script} {self.socket}\n"
        )
        self.write_unit("app.service", managed.IDLE)
        process = self.boot("dbus.service")
        # The listener accepts a connection after each kind of invalid data. Its socket appears only
        # after the service is active.
        bridge.eventually("all is said", lambda: "all said" in process.out)
        self.assertEqual(self.ctl("start", "app.service")[0], 0)
        self.assertEqual(self.state("app.service"), "active")

    def test_init_does_not_connect_to_a_bus_of_another_process(self):
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(self.socket)
            listener.listen()
            listener.setblocking(False)
            self.write_unit("app.service", managed.IDLE)
            self.boot("app.service")
            time.sleep(0.2)
            self.assertRaises(BlockingIOError, listener.accept)


bridge.main()
