#!/bin/bash
#
# `status --check` for units whose container docker does not start, and for a correct unit that has
# an `init` in its container.

. "$(dirname "$0")/lib.sh"
in_lab /usr/bin/docker dockerd containerd podman crun journalctl
. "$here/recipes.sh"
. "$here/diagnosed.sh"

prepare
make_root
hide /srv
podman_settings
journal
docker_unit
systemctl start docker
docker_image tiny
app="docker run --rm --network=none --name=x tiny sleep 1000"

# in_log UNIT TEXT: returns whether the unit's log contains this text.
in_log() {
    journalctl --unit="$1" | grep -qF -e "$2"
}

scenario "check explains how to configure docker"
service strange "/usr/bin/notifybridge run --ready-when=start $app" TimeoutStartSec=20
fails strange "docker does not know the runtime notifybridge" \
    "\`notifybridge runtime --configure=docker && systemctl reload docker\`"

scenario "the log does not blame the runtime for a missing image"
notifybridge runtime --configure=docker >/dev/null
kill -HUP "$(systemctl show --property=MainPID --value docker)"
service absent "/usr/bin/notifybridge run docker run --rm --pull=never localhost/nothere"
if systemctl start absent 2>/dev/null; then fail "a unit without an image started"; fi
eventually "docker says why" in_log absent "No such image"
if in_log absent "does not know the runtime"; then fail "the log blames the runtime"; fi

scenario "check explains that docker's daemon is not running"
systemctl stop docker
service down "/usr/bin/notifybridge run --ready-when=start $app" TimeoutStartSec=20
fails down "docker's daemon is not running" "\`systemctl start docker\`"

scenario "check finds no problem in a correct container of init"
mkdir /srv/units
printf '[Service]\nExecStart=/usr/bin/sleep 1000\n' >/srv/units/worker.service
image localhost/box 'CMD ["/usr/bin/notifybridge", "init", "--unit-path=/units", "--unit=worker.service"]'
service box "/usr/bin/notifybridge run podman run --rm --replace --name=box -v /srv/units:/units:ro localhost/box" \
    TimeoutStartSec=20 KillMode=mixed
systemctl start box
said=$("$bin/notifybridge" status --check box) || fail "$said"
[[ $said == "ok       unit "* ]] || fail "the unit is not first: $said"
if ! is_instrumented && grep -v "^ok " <<<"$said"; then fail "the findings about box are wrong: $said"; fi
systemctl stop box
