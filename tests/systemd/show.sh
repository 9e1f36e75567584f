#!/bin/bash
#
# Compares the output of `systemctl show --all` and of notifybridge for the settings of hundreds of
# unit files. The lines and their order must be the same. SHOW_PROPERTIES is the executable of
# tests/init/show_properties.cpp.

. "$(dirname "$0")/lib.sh"
[ "$(systemd_version)" = 252 ] || skip "it is systemd $(systemd_version), and we do as 252 does"
in_lab

exec /usr/bin/python3 "$here/show.py"
