#!/bin/bash
#
# distrobox, as notifybridge-examples(7) says: a unit of a user, on a host whose /usr nobody writes to.

. "$(dirname "$0")/lib.sh"
in_lab 120 podman newuidmap newgidmap distrobox
. "$here/recipes.sh"
# Its version 1.8 names a limit of processes, which is none, and crun sets it all the same.
if grep -q '^[[:space:]]*--pids-limit' "$(command -v distrobox-create)" &&
    ! grep -qsw pids /sys/fs/cgroup/cgroup.controllers; then
    skip "this distrobox needs the pids controller, which the lab has not"
fi

# The box has the host's /usr, where distrobox mounts a program of its own. It would install and link
# programs, and set passwords, were they not there, and write where it finds rpm.
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

scenario "an executable in the home directory"
recipe "$examples" distrobox 1 | sed "s|wait|& --stop-timeout=2|; s|BOX|box|; s|COMMAND|$(app app)|" | adapt_unit app "$her_units"
systemctl daemon-reload
try_unit app

scenario "the one of the host's /usr"
recipe "$examples" distrobox 1 | sed "s|%t/app|%t/usr|; s|BOX|box|; s|COMMAND|$(app usr)|
    s|%h/.local/bin/notifybridge wait|/usr/bin/host-notify-waiter|
    s|%h/.local/bin/notifybridge wrap|/run/host/usr/bin/container-notify-wrapper|" |
    adapt_unit usr "$her_units"
systemctl daemon-reload
try_unit usr

scenario "a unit of the system's, whose distrobox is root's"
recipe "$examples" distrobox 1 | sed "s|%t/app|%t/roots|; s|BOX|box|; s|COMMAND|$(app roots)|
    s|%h|/home/anna|" | adapt_unit roots "$SYSTEM_TEST/units"
/usr/bin/systemctl daemon-reload
/usr/bin/systemctl start --no-block roots
says roots 1 "root sees only its own boxes" "~/.config/systemd/user" "distrobox enter --root"
/usr/bin/systemctl stop roots

try_hard_ends app

scenario "it starts with her manager, as at boot where she lingers"
systemctl enable app 2>/dev/null
before=$(lines "$apps/app/starts")
/usr/bin/systemctl restart anna
eventually "the app starts" more_lines "$apps/app/starts" "$before"
tell app "send READY=1"
expect_soon app ActiveState=active
stop app
