"""Describes the machine on which the figures were measured, for people who compare figures."""

import datetime
import os
import platform
import re
import subprocess


def _first_match(path, pattern, default):
    try:
        with open(path, encoding="utf-8") as file:
            return re.search(pattern, file.read(), re.M)[1]
    except (OSError, TypeError):
        return default


def _output(*command):
    try:
        result = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return result.stdout.strip()


def describe(source, notifybridge):
    return {
        "processor": _first_match("/proc/cpuinfo", r"^model name\s*: (.*)$", platform.machine()),
        "processors": len(os.sched_getaffinity(0)),
        "kernel": platform.release(),
        "system": _first_match("/etc/os-release", r'^PRETTY_NAME="(.*)"$', "Linux"),
        "version": _output(notifybridge, "--version"),
        "conmon": _output("conmon", "--version").partition("\n")[0].replace(" version", ""),
        "commit": _output("git", "-C", source, "describe", "--always", "--dirty"),
        "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        "load": os.getloadavg()[0],
    }


def in_words(machine):
    commit = f" ({machine['commit']})" if machine["commit"] else ""
    # Name the version of conmon, because its versions differ more than those of other peers.
    conmon = f", {machine['conmon']}" if machine["conmon"] else ""
    return (
        f"{machine['version']}{commit}, {machine['date']}: {machine['processors']} processors"
        f" ({machine['processor']}), Linux {machine['kernel']}, {machine['system']}{conmon};"
        f" load {machine['load']:.1f} at the beginning."
    )
