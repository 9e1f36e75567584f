#!/bin/bash
#
# Compares the values that systemd and notifybridge read from hundreds of unit files. Every property
# for which notifybridge has a setting must have the same value. SHOW_UNITS is the executable of
# tests/init/load/show_units.cpp.

. "$(dirname "$0")/lib.sh"
[ "$(systemd_version)" = 252 ] || skip "it is systemd $(systemd_version), and we do as 252 does"
in_lab

exec /usr/bin/python3 "$here/unit_files.py"
