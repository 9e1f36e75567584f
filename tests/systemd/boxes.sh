#!/bin/bash
#
# bwrap, systemd-nspawn and unshare, as notifybridge-examples(7) says.

. "$(dirname "$0")/lib.sh"
in_lab 120 bwrap systemd-nspawn unshare
. "$here/recipes.sh"

prepare
make_root

# box NAME HEADING SED: the unit below that heading, changed like that.
box() {
    recipe "$examples" "$2" 1 |
        sed "s|/run/app|/run/$1|g; s|ROOT|$image_root|; s|COMMAND|$(app "$1")|; $3" |
        adapt_unit "$1" "$SYSTEM_TEST/units"
}

# There is no machined to tell.
box bwrap bwrap "s|--proc|--ro-bind /usr /usr --bind $SYSTEM_TEST $SYSTEM_TEST &|"
box nspawn systemd-nspawn "s|--quiet|& --register=no --bind-ro=/usr --bind=$SYSTEM_TEST|"
box unshare unshare ""
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
