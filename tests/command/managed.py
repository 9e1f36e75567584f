"""Helps the tests of `init`: a manager with its own root, and units in it."""

import os
import shutil
import signal

import bridge

# This service runs until a signal ends it.
IDLE = "[Service]\nExecStart=/bin/sleep infinity\n"
DONE = "[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/true\n"


# The system bus.
BUS_CONFIGURATION = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:path={socket}</listen>
  <auth>EXTERNAL</auth>
  <servicedir>{services}</servicedir>
  <policy context="default">
    <allow user="*"/>
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="{own}"/>
  </policy>
</busconfig>
"""
BUS = """[Service]
Restart=always
RestartSec=100ms
ExecStart=/bin/sh -c "sleep {delay}; exec {daemon} --config-file={configuration} --nofork \
    --nopidfile --systemd-activation"
"""


class Case(bridge.Case):
    """A manager with its own root."""

    def setUp(self):
        super().setUp()
        self.root = self.path("root")
        self.units = os.path.join(self.root, "etc", "systemd", "system")
        os.makedirs(self.units)

    def write_unit(self, name, text):
        with open(os.path.join(self.units, name), "w", encoding="utf-8") as file:
            file.write(text)

    def bus_path(self):
        return os.path.join(self.root, "run", "dbus", "system_bus_socket")

    def write_bus(self, own="*", delay=0):
        """Writes dbus.service, which runs a real dbus-daemon. It activates what is described in the
        directory "services". DELAY is in seconds."""
        os.makedirs(os.path.dirname(self.bus_path()), exist_ok=True)
        configuration = self.path("bus.conf")
        with open(configuration, "w", encoding="utf-8") as file:
            file.write(
                BUS_CONFIGURATION.format(
                    socket=self.bus_path(), services=self.path("services"), own=own
                )
            )
        daemon = shutil.which("dbus-daemon")
        self.write_unit(
            "dbus.service", BUS.format(daemon=daemon, configuration=configuration, delay=delay)
        )

    def start_init(self, *words, **more):
        # By default, `init` gets no shared directory from the environment of the test.
        more.setdefault("SHARED_DIR", None)
        process = self.start("notifybridge", "init", f"--root={self.root}", *words, **more)
        # The services of `init` are in sessions of their own. They end only if `init` ends in
        # order.
        self.addCleanup(self.end_init, process)
        return process

    def end_init(self, process):
        if process.is_running():
            process.signal(signal.SIGTERM)
            process.wait()

    def ctl(self, *words, **more):
        return self.run_to_end("notifybridge", "ctl", f"--root={self.root}", *words, **more)

    def wait_until_up(self, process, **more):
        def is_up():
            # The socket does not exist before `init` listens.
            self.assertTrue(process.is_running(), process.err)
            return self.ctl("is-system-running", "--wait", **more)[1] != "offline\n"

        bridge.eventually("init is up", is_up)
