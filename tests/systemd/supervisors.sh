#!/bin/bash
#
# The container recipe of notifybridge-examples(7) for other supervisors than systemd. s6 receives
# the readiness of a container, and ends the container.

. "$(dirname "$0")/lib.sh"
in_lab podman crun s6-supervise
. "$here/recipes.sh"

prepare
make_root
podman_settings
go=$apps/go

# The app listens when something is written to the FIFO.
mkfifo "$go"
cat >"$bin/redis.py" <<'END'
#!/usr/bin/python3
import signal, socket, sys

signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(0))
with open(sys.argv[1], encoding="ascii") as file:
    file.read()
with socket.create_server(("127.0.0.1", 6379)):
    while True:
        signal.pause()
END
chmod 755 "$bin/redis.py"
image docker.io/library/redis "ENTRYPOINT [\"$bin/redis.py\"]" "CMD [\"$go\"]"

state() {
    s6-svstat -o up,ready "$service"
}

is() {
    [ "$(state)" = "$1" ]
}

has_redis() {
    pgrep --full "$bin/redis.py" >/dev/null
}

has_no_redis() {
    no_container redis
}

scenario "s6 is notified that a container is ready"
service=$SYSTEM_TEST/redis
mkdir "$service"
echo 3 >"$service/notification-fd"
recipe "$examples" "OTHER SUPERVISORS" 3 sh >"$service/run"
chmod 755 "$service/run"
env -u SHARED_DIR s6-supervise "$service" >"$SYSTEM_TEST/log/redis" 2>&1 &
eventually "the container runs" has_redis
is "true false" || fail "before the app listens, s6 shows: $(state)"
echo >"$go"
eventually "s6 shows that the service is ready" is "true true"

scenario "s6 ends the container"
s6-svc -xd "$service"
wait
eventually "no container is left" has_no_redis
