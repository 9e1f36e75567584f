#!/bin/bash
#
# distrobox, as in notifybridge-examples(7): a user's unit, on a host with a read-only /usr.

. "$(dirname "$0")/lib.sh"
in_lab podman newuidmap newgidmap distrobox
. "$here/recipes.sh"
# distrobox 1.8 requests an unlimited number of processes. crun needs the pids controller even for
# that.
if grep -q '^[[:space:]]*--pids-limit' "$(command -v distrobox-create)" &&
    ! grep -qsw pids /sys/fs/cgroup/cgroup.controllers; then
    skip "this distrobox needs the pids controller, which the lab has not"
fi

# The box uses the host's /usr, and distrobox mounts a program there. If these programs did not
# exist, distrobox would install and link them, set passwords, and write files where it finds rpm.
prepare
touch /usr/bin/entrypoint
for program in apt-get apt-cache passwd flatpak xdg-open; do ln -sf true "/usr/bin/$program"; done
rm -rf /usr/lib/rpm/macros.d
mount -o remount,bind,ro /usr
make_root
log_in
image tiny
as_anna install -D -t /home/anna/.local/bin "$bin/notifybridge"
as_anna distrobox create --yes --image localhost/tiny --name box \
    --additional-flags "--volume /usr:/usr:ro" >"$SYSTEM_TEST/log/create" 2>&1 ||
    fail "distrobox create"

scenario "the box uses the executable in the home directory"
recipe "$examples" distrobox 1 | sed "s|wait|& --stop-timeout=2|; s|BOX|box|; s|COMMAND|$(app app)|" | adapt_unit app "$her_units"
systemctl daemon-reload
try_unit app

scenario "the box uses the executable in the host's /usr"
recipe "$examples" distrobox 1 | sed "s|%t/app|%t/usr|; s|BOX|box|; s|COMMAND|$(app usr)|
    s|%h/.local/bin/notifybridge wait|/usr/bin/host-notify-waiter|
    s|%h/.local/bin/notifybridge wrap|/run/host/usr/bin/container-notify-wrapper|" |
    adapt_unit usr "$her_units"
systemctl daemon-reload
try_unit usr

scenario "the log explains why a system unit cannot enter a user's box"
recipe "$examples" distrobox 1 | sed "s|%t/app|%t/roots|; s|BOX|box|; s|COMMAND|$(app roots)|
    s|%h|/home/anna|" | adapt_unit roots "$SYSTEM_TEST/units"
/usr/bin/systemctl daemon-reload
/usr/bin/systemctl start --no-block roots
says roots 1 "root can enter only its own boxes" "~/.config/systemd/user" "distrobox enter --root"
/usr/bin/systemctl stop roots

try_hard_ends app

scenario "the unit starts with the user's manager"
systemctl enable app 2>/dev/null
before=$(lines "$apps/app/starts")
/usr/bin/systemctl restart anna
eventually "the app starts" more_lines "$apps/app/starts" "$before"
tell app "send READY=1"
expect_soon app ActiveState=active
stop app
