#!/usr/bin/python3
"""build_options.py BUILD NAME=VALUE…: exits with 0 if the Meson build directory BUILD has these
options, otherwise with 1."""

import json
import os
import sys


def as_text(value):
    """Returns an option's value as `meson setup -D` takes it. Since Meson 1.8, b_sanitize is a list,
    which is empty without a sanitizer."""
    if isinstance(value, list):
        return ",".join(value) or "none"
    return str(value).lower() if isinstance(value, bool) else str(value)


def main(build, *wanted):
    path = os.path.join(build, "meson-info", "intro-buildoptions.json")
    try:
        with open(path, encoding="utf-8") as file:
            found = {option["name"]: as_text(option["value"]) for option in json.load(file)}
    except FileNotFoundError:
        return 1
    return int(any(found.get(name) != value for name, value in (each.split("=", 1) for each in wanted)))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
