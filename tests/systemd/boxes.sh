#!/bin/bash
#
# bwrap, systemd-nspawn, lxc (if it is installed) and unshare, as notifybridge-examples(7) uses
# them. Also programs that can replace unshare.

. "$(dirname "$0")/lib.sh"
in_lab bwrap systemd-nspawn unshare
. "$here/recipes.sh"

prepare
make_root

# box NAME HEADING SED: makes unit NAME from the recipe below that heading, changed with SED.
box() {
    recipe "$examples" "$2" 1 |
        sed "s|/run/app|/run/$1|g; s|ROOT|$image_root|; s|COMMAND|$(app "$1")|; $3" |
        adapt_unit "$1" "$SYSTEM_TEST/units"
}

# The lab has no machined that could register the container.
box bwrap bwrap "s|--proc|--ro-bind /usr /usr --bind $SYSTEM_TEST $SYSTEM_TEST &|"
box nspawn systemd-nspawn "s|--quiet|& --register=no --bind-ro=/usr --bind=$SYSTEM_TEST|"
box unshare unshare ""
names=(bwrap nspawn unshare)

# lxc gets an empty /var/lib/lxc.
if command -v lxc-execute >/dev/null; then
    mount -t tmpfs tmpfs /var/lib/lxc
    mkdir /var/lib/lxc/lxcbox
    {
        recipe "$examples" lxc 1 text | sed "s|/run/app|/run/lxcbox|; s|ROOT|$image_root|"
        echo "lxc.mount.entry = /usr usr none bind,ro"
        echo "lxc.mount.entry = $SYSTEM_TEST ${SYSTEM_TEST#/} none bind,create=dir"
    } >/var/lib/lxc/lxcbox/config
    box lxcbox lxc "s|--name=app|--name=lxcbox|"
    names+=(lxcbox)
fi

# like_unshare NAME [OPTION]: makes a unit that runs the command line on standard input instead of
# unshare. `wait` gets OPTION. Does nothing if the program NAME does not exist.
like_unshare() {
    local words
    read -r words
    command -v "$1" >/dev/null || return 0
    box "$1" unshare "s|/usr/bin/unshare.*|$words \\\\|; s|waiter |&${2:-} |"
    names+=("$1")
}

like_unshare chroot <<<"chroot /"
like_unshare firejail <<<"firejail --quiet"
like_unshare runuser --owner=nobody <<<"runuser -u nobody --"
like_unshare setpriv --owner=nobody <<<"setpriv --reuid=nobody --clear-groups"
like_unshare sudo --owner=nobody <<<"sudo -u nobody --preserve-env=SHARED_DIR"
systemctl daemon-reload

for name in "${names[@]}"; do
    scenario "$name: the unit starts, reloads and stops"
    try_unit "$name"
    scenario "$name: a stop is clean if the app exits with 0"
    begin "$name"
    tell "$name" "send READY=1"
    tell "$name" "on TERM exit 0"
    systemctl stop "$name"
    expect_end "$name" "success exited 0"
    expect_gone "$name"
    scenario "$name: no process is left if wait is killed"
    make_ready "$name"
    systemctl kill --kill-whom=main --signal=KILL "$name"
    expect_end "$name" "signal killed KILL"
    expect_gone "$name"
    eventually "nothing is left behind" has_no_app "$name"
done

scenario "bwrap: the stop fails if bwrap is killed before the app ends"
printf '[Service]\nKillMode=control-group\n' >>"$SYSTEM_TEST/units/bwrap.service.d/test.conf"
systemctl daemon-reload
make_ready bwrap
tell bwrap "on TERM send STATUS=ending"
systemctl stop bwrap
expect_end bwrap "exit-code exited 1"
expect_gone bwrap
