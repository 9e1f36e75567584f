#!/bin/bash
#
# A unit of `run` without an option is ready when its app listens on the published ports. The
# containers have networks of podman and docker.

. "$(dirname "$0")/lib.sh"
in_lab podman crun redis-server redis-cli dockerd docker
. "$here/recipes.sh"

prepare
make_root
start_journald
mount -t tmpfs tmpfs /var/cache
# podman keeps the addresses of its network there.
if [ -d /var/lib/cni ]; then mount -t tmpfs tmpfs /var/lib/cni; fi
image tiny
# With control groups, crun needs more than the lab allows.
limits="--ulimit=nofile=1024:1024 --ulimit=nproc=1000:1000 --cgroups=disabled"
shares="-v /usr:/usr:ro -v $SYSTEM_TEST:$SYSTEM_TEST:ro"

# server NAME CODE: makes the app of the unit NAME, which runs this Python code and ends at SIGTERM.
server() {
    printf 'import os, signal, socket, sys, time\nsignal.signal(15, lambda *_: os._exit(0))\n%s\n%s\n' \
        "$2" 'time.sleep(999)' >"$SYSTEM_TEST/$1.py"
}

# published NAME MANAGER [SETTING…]: makes a unit whose container publishes port 80 of the app NAME.
publish="-p 127.0.0.1:8080:80 tiny"
published() {
    local name=$1 manager=$2 words
    shift 2
    case $manager in
    podman) words="podman --cgroup-manager=cgroupfs run --rm --replace $limits" ;;
    docker) words="/usr/bin/docker run --rm" ;;
    esac
    unit "$name" <<END
$(printf '%s\n' "$@")
ExecStart=/usr/bin/notifybridge run $words --name=$name $shares $publish \
    /usr/bin/python3 $SYSTEM_TEST/$name.py
END
}

# answers: succeeds if something accepts connections on the published port.
answers() { /usr/bin/python3 -c "import socket; socket.create_connection(('127.0.0.1', 8080), 2)"; }

# stop_server NAME: stops the unit, whose app ends with 0.
stop_server() {
    timeout -k 1 60 systemctl stop "$1" || fail "systemctl stop $1"
    expect_end "$1" "success exited 0"
    expect_gone "$1"
}

scenario "the unit is active when redis listens, and nobody has connected"
unit redis <<END
ExecStart=/usr/bin/notifybridge run podman --cgroup-manager=cgroupfs run --rm --replace $limits --name=redis \
    $shares -p 127.0.0.1:16379:6379 tiny redis-server --save "" --bind 0.0.0.0 --protected-mode no
END
start redis
# The first client is number 3, because redis counts its own from 2 on.
[ "$(redis-cli -p 16379 info stats | tr -d '\r' | grep total_connections)" = total_connections_received:1 ] ||
    fail "$(redis-cli -p 16379 info stats | grep total_connections)"
stop_server redis

scenario "an app that answers late is awaited"
server late "time.sleep(2); kept = socket.create_server(('', 80))"
published late podman
systemctl start --no-block late
expect_soon late "StatusText=waiting for port 80: nothing listens there (1 s)"
eventually "late is active" has_properties late ActiveState=active
answers || fail "late does not answer"
stop_server late

scenario "an app with fewer rights than wrap is seen"
# `wrap`, which is root without CAP_SYS_PTRACE, cannot see the descriptors of this app.
server other_user "kept = socket.create_server(('', 80)); os.setgid(999); os.setuid(999)"
published other_user podman
start other_user
answers || fail "other_user does not answer"
stop_server other_user

# mistaken NAME CAUSE REMEDY: starts the unit, whose start has to fail, and checks what `status
# --check` shows.
mistaken() {
    systemctl start "$1" 2>/dev/null && fail "$1 starts"
    notifybridge status --check "$1" >"$SYSTEM_TEST/check" 2>&1 || true
    grep -qF -e "$2" "$SYSTEM_TEST/check" || fail "$(cat "$SYSTEM_TEST/check")"
    grep -qF -e "$3" "$SYSTEM_TEST/check" || fail "$(cat "$SYSTEM_TEST/check")"
    expect_gone "$1"
}

scenario "--check explains an app on a loopback address"
server local "kept = socket.create_server(('127.0.0.1', 80))"
published local podman TimeoutStartSec=10
mistaken local "the app listens on 127.0.0.1:80 only, which published ports never reach" \
    "let the app listen on all addresses"

scenario "--check names the port of the app"
server other "kept = socket.create_server(('', 8000))"
published other podman TimeoutStartSec=10
mistaken other "nothing listens there, but something listens on 0.0.0.0:8000" \
    "let -p publish that port of the container"

scenario "--check explains an app that does not listen"
server silent ""
published silent podman TimeoutStartSec=10
mistaken silent "waiting for \"port 80: nothing listens there" "let -p name the port that the app listens on"

scenario "with WatchdogSec=, a unit whose app stops listening fails"
server closing "kept = socket.create_server(('', 80)); time.sleep(4); kept.close()"
published closing podman WatchdogSec=2
start closing
expect_soon closing "StatusText=not alive: port 80: nothing listens there"
eventually "the watchdog acts" has_properties closing Result=watchdog
expect_gone closing

scenario "docker's units have the same default"
docker_unit
sed -i 's/--bridge=none//' "$SYSTEM_TEST/units/docker.service"
notifybridge runtime --configure=docker >/dev/null
systemctl daemon-reload
systemctl start docker
docker_image tiny
server docked "time.sleep(1); kept = socket.create_server(('', 80))"
published docked docker
start docked
answers || fail "docked does not answer"
stop_server docked

scenario "with --publish-all, the ports are those that the image exposes"
for manager in podman docker; do
    import_image "$manager" exposing "EXPOSE 80" "EXPOSE 81/udp"
    server "all_$manager" "time.sleep(1); kept = socket.create_server(('', 80))"
    publish="-P exposing" published "all_$manager" "$manager"
    start "all_$manager"
    notifybridge status "all_$manager" | grep -q "listens on port 80, because -p publishes it" ||
        fail "$(notifybridge status "all_$manager")"
    stop_server "all_$manager"
done
