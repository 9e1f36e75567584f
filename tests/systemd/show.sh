#!/bin/bash
#
# Compares the output of `systemctl show --all` and of notifybridge for the settings of hundreds of
# unit files. The lines and their order must be the same. SHOW_PROPERTIES is the executable of
# tests/init/show_properties.cpp.

. "$(dirname "$0")/lib.sh"
[ "$(systemd_version)" = 252 ] || skip "needs systemd 252; this is $(systemd_version)"
in_lab

exec /usr/bin/python3 "$here/show.py"
