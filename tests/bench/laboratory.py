"""A lab (tests/lab) that stays up and runs command lines one after the other."""

import os
import select
import signal
import subprocess
import time

from processes import Failed

LAB = os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "lab", "lab")
LIMIT = 1200
PATIENCE = 60

# Reads orders, one on each line. Answers with the output of each order, a tab, and the exit
# status.
DRIVER = """
exec 3<"$BENCH_LAB/orders" 4>"$BENCH_LAB/answers"
while IFS= read -r line <&3; do
    output=$(eval "$line")
    printf '%s\\n\\t%s\\n' "$output" $? >&4
done
"""


def missing():
    """Returns why no lab can run here, or an empty text if one can."""
    result = subprocess.run([LAB, "--check"], capture_output=True, text=True, check=False)
    return result.stderr.strip().removeprefix("lab: ") if result.returncode else ""


class Lab:
    """A lab that has just booted, with systemd or the named MANAGER. `units` has the files of its
    units."""

    def __init__(self, directory, build, manager=""):
        self._build = build
        self.units = os.path.join(directory, "units")
        os.mkdir(self.units, 0o755)
        for name in ("orders", "answers"):
            os.mkfifo(os.path.join(directory, name))
        driver = os.path.join(directory, "driver")
        with open(driver, "w", encoding="utf-8") as file:
            file.write(DRIVER)
        self._process = subprocess.Popen(
            [LAB, self.units, driver, str(LIMIT)],
            env={**os.environ, "BENCH_LAB": directory, "MANAGER": manager},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=2,
        )
        # Opening a FIFO for reading and writing does not wait for another process.
        self._orders = os.open(os.path.join(directory, "orders"), os.O_RDWR | os.O_CLOEXEC)
        self._answers = os.open(os.path.join(directory, "answers"), os.O_RDWR | os.O_CLOEXEC)
        try:
            self.run("true")
        except BaseException:
            self.end()
            raise

    def podman(self, name, directory):
        """Returns the words that run a command in a container, up to --rootfs. The container has
        this name, and uses the host's own files. DIRECTORY has the same path in the container."""
        return [
            *"podman --cgroup-manager=cgroupfs run --rm --replace --cgroups=disabled".split(),
            *"--network=none --ulimit=nofile=1024:1024 --ulimit=nproc=1000:1000".split(),
            f"--name={name}",
            f"--volume={directory}:{directory}",
            f"--volume={self._build}:{self._build}:ro",
        ]

    def run(self, line):
        """Runs a command line of bash. Returns its output."""
        os.write(self._orders, line.encode() + b"\n")
        answer, deadline = b"", time.monotonic() + PATIENCE
        while not (answer.endswith(b"\n") and b"\n\t" in answer):
            if time.monotonic() > deadline or self._process.poll() is not None:
                raise Failed(f"the lab does not answer to: {line}")
            if select.select([self._answers], [], [], 0.5)[0]:
                answer += os.read(self._answers, 65536)
        output, status = answer.decode(errors="replace").rsplit("\n\t", 1)
        if int(status) not in (0, 1):
            raise Failed(f"exit status {status.strip()}: {line}: {output}")
        return output

    def end(self):
        os.close(self._orders)
        os.close(self._answers)
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(PATIENCE)
