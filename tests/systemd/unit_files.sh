#!/bin/bash
#
# Hundreds of unit files, and what systemd and we take from them: every property that we have a
# setting for must have the same value. SHOW_UNITS names tests/init/load/show_units.cpp's executable.

. "$(dirname "$0")/lib.sh"
[ "$(systemd_version)" = 252 ] || skip "it is systemd $(systemd_version), and we do as 252 does"
in_lab "$([ "${NOTIFYBRIDGE_LONG:-}" = 1 ] && echo 7200 || echo 270)"

exec /usr/bin/python3 "$here/unit_files.py"
