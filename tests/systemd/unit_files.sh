#!/bin/bash
#
# Compares the values that systemd and notifybridge read from hundreds of unit files. Every property
# for which notifybridge has a setting must have the same value. SHOW_UNITS is the executable of
# tests/init/files/load/show_units.cpp.

. "$(dirname "$0")/lib.sh"
[ "$(systemd_version)" = 252 ] || skip "needs systemd 252; this is $(systemd_version)"
in_lab

exec /usr/bin/python3 "$here/unit_files.py"
