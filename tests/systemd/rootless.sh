#!/bin/bash
#
# podman of a user who is not root, with an image that has a USER. The error message advises an
# option, and the unit works with this option.

. "$(dirname "$0")/lib.sh"
in_lab podman newuidmap newgidmap slirp4netns
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

scenario "a container with the user root works"
her_unit plain "s|tiny|--user=0 &|"
try_unit plain

scenario "a container that publishes a port is ready when it listens"
if [ -c /dev/net/tun ]; then
    share_tun
    cat >"$SYSTEM_TEST/listen.py" <<'END'
import signal, socket, sys, time
signal.signal(signal.SIGTERM, lambda *_: sys.exit())
time.sleep(0.2)
server = socket.socket()
server.bind(("", 80))
server.listen()
signal.pause()
END
    adapt_unit published "$her_units" <<END
[Service]
Type=notify
ExecStart=/usr/bin/notifybridge run podman run --rm --replace --name=published \
    --network=slirp4netns -p 127.0.0.1:8080:80 --sysctl=net.ipv4.ip_unprivileged_port_start=0 \
    -v /usr:/usr:ro -v $SYSTEM_TEST:$SYSTEM_TEST:ro tiny /usr/bin/python3 $SYSTEM_TEST/listen.py
END
    systemctl daemon-reload
    start published
    timeout -k 1 60 systemctl stop published || fail "systemctl stop published"
    expect_end published "success exited 0"
else
    echo "left out: there is no /dev/net/tun"
fi

scenario "an error advises an option if the user may not write"
her_unit refused ""
systemctl start refused 2>/dev/null && fail "it was started"
expect_end refused "exit-code exited 125"
advice=$(sed -n 's/.*not writable.*`\(podman run --userns=[^`]*\)`.*/\1/p' "$SYSTEM_TEST/log/refused")
[ -n "$advice" ] || fail "there is no advice"

scenario "the advised option works: $advice"
her_unit advised "s|podman run|$advice|"
try_unit advised

scenario "a directory that only the caller can reach may be open to all"
mkdir -m 777 "/run/user/$(id -u anna)/open"
her_unit open ""
make_ready open # A warning says that every user can write there.
try_reload_and_stop open

scenario "wait refuses a directory that the container's user owns"
as_anna mkdir "/run/user/$(id -u anna)/given"
podman unshare chown 999:999 "/run/user/$(id -u anna)/given"
her_unit given ""
systemctl start given 2>/dev/null && fail "it was started"
expect_end given "exit-code exited 125"
grep -q 'remove it.*--userns=keep-id' "$SYSTEM_TEST/log/given" || fail "there is no advice"
