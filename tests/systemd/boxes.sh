#!/bin/bash
#
# bwrap, systemd-nspawn and unshare, as the README says.

. "$(dirname "$0")/lib.sh"
in_lab 120 bwrap systemd-nspawn unshare
. "$here/recipes.sh"

prepare
make_root

# box NAME NUMBER SED: that unit of the README, changed like that.
box() {
    recipe "bwrap, systemd-nspawn, unshare" "$2" |
        sed "s|/run/app|/run/$1|g; s|ROOT|$image_root|; s|COMMAND|$(app "$1")|; $3" |
        adapt_unit "$1" "$SYSTEM_TEST/units"
}

# There is no machined to tell.
box bwrap 1 "s|--proc|--ro-bind /usr /usr --bind $SYSTEM_TEST $SYSTEM_TEST &|"
box nspawn 2 "s|--quiet|& --register=no --bind-ro=/usr --bind=$SYSTEM_TEST|"
box unshare 1 "s|/usr/bin/bwrap.*|/usr/bin/unshare --pid --fork --mount-proc \\\\|
    s|--bind.*|/usr/bin/container-notify-wrapper \\\\|; s|--ro-bind.* wrap||"
systemctl daemon-reload

for name in bwrap nspawn unshare; do
    scenario "$name"
    try_unit "$name"
    scenario "$name: an app that ends well when it is asked to"
    begin "$name"
    tell "$name" "send READY=1"
    tell "$name" "on TERM exit 0"
    systemctl stop "$name"
    expect_end "$name" "success exited 0"
    expect_gone "$name"
done

scenario "bwrap: a run that is killed while its app still ends is no success"
printf '[Service]\nKillMode=control-group\n' >>"$SYSTEM_TEST/units/bwrap.service.d/test.conf"
systemctl daemon-reload
make_ready bwrap
tell bwrap "on TERM send STATUS=ending"
systemctl stop bwrap
expect_end bwrap "exit-code exited 1"
expect_gone bwrap
