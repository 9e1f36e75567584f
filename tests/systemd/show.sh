#!/bin/bash
#
# Hundreds of unit files, and what `systemctl show --all` and we say of their settings: the same
# lines in the same order. SHOW_PROPERTIES names tests/init/show_properties.cpp's executable.

. "$(dirname "$0")/lib.sh"
[ "$(systemd_version)" = 252 ] || skip "it is systemd $(systemd_version), and we do as 252 does"
in_lab "$([ "${NOTIFYBRIDGE_LONG:-}" = 1 ] && echo 7200 || echo 270)"

exec /usr/bin/python3 "$here/show.py"
