#!/bin/bash
#
# podman of a user who is not root, with an image that has a USER. The error message says what
# helps, and exactly this helps.

. "$(dirname "$0")/lib.sh"
in_lab 120 podman newuidmap newgidmap
. "$here/recipes.sh"

prepare
make_root
log_in
image tiny "USER 999"

# her_unit NAME SED: makes the unit of a user in notifybridge-examples(7) with her image, changed
# with SED.
her_unit() {
    recipe "$examples" "A unit of a user" 1 | sed "s|%t/app|%t/$1|; s|--name=app|--name=$1|
        s|--rm|-v /usr:/usr:ro -v $SYSTEM_TEST:$SYSTEM_TEST &|; s|IMAGE COMMAND|tiny $(app "$1")|" |
        sed "$2" | adapt_unit "$1" "$her_units"
    systemctl daemon-reload
}

scenario "a container whose user is root"
her_unit plain "s|tiny|--user=0 &|"
try_unit plain

scenario "the container's user may not write to the directory, and is told what helps"
her_unit refused ""
systemctl start refused 2>/dev/null && fail "it was started"
expect_end refused "exit-code exited 125"
advice=$(sed -n 's/.*not writable.*`\(podman run --userns=[^`]*\)`.*/\1/p' "$SYSTEM_TEST/log/refused")
[ -n "$advice" ] || fail "there is no advice"

scenario "$advice"
her_unit advised "s|podman run|$advice|"
try_unit advised

scenario "a directory that only she enters may be open to all"
mkdir -m 777 "/run/user/$(id -u anna)/open"
her_unit open ""
try_unit open

scenario "a directory that the container's user owns is not for wait"
as_anna mkdir "/run/user/$(id -u anna)/given"
podman unshare chown 999:999 "/run/user/$(id -u anna)/given"
her_unit given ""
systemctl start given 2>/dev/null && fail "it was started"
expect_end given "exit-code exited 125"
grep -q 'remove it.*--userns=keep-id' "$SYSTEM_TEST/log/given" || fail "there is no advice"
