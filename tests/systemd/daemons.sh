#!/bin/bash
#
# Redis and haproxy make their units active, in podman, in bwrap and without a container. Both
# daemons support sd_notify, and need no change for notifybridge.

. "$(dirname "$0")/lib.sh"
in_lab podman bwrap redis-server redis-cli haproxy socat

# The daemons listen on a socket in the shared directory. In podman, its path is /shared.
place() {
    case $1 in podman) echo /shared ;; *) shared "$2" ;; esac
}

redis_unit() {
    local kind=$1 name=$2
    unit "$name" <<EOF
ExecStart=$wait $(container "$kind" "$name") $wrap \
    redis-server --supervised systemd --daemonize no --dir $(place "$kind" "$name") --save "" \
    --port 0 --unixsocket $(place "$kind" "$name")/redis.sock
EOF
}

haproxy_unit() {
    local kind=$1 name=$2
    # The configuration must exist before `wait` would create the directory.
    mkdir "$(shared "$name")"
    cat >"$(shared "$name")/haproxy.cfg" <<EOF
global
    maxconn 100
defaults
    mode http
    timeout client 10s
    timeout server 10s
    timeout connect 10s
frontend hello
    bind unix@$(place "$kind" "$name")/haproxy.sock
    http-request return status 200 content-type text/plain string hello
EOF
    unit "$name" <<EOF
ExecStart=$wait $(container "$kind" "$name") $wrap \
    haproxy -Ws -f $(place "$kind" "$name")/haproxy.cfg
EOF
}

serves_redis() {
    [ "$(redis-cli -s "$(shared "$1")/redis.sock" ping)" = PONG ]
}

serves_haproxy() {
    printf 'GET / HTTP/1.0\r\n\r\n' | timeout -k 1 "$patience" \
        socat - "UNIX-CONNECT:$(shared "$1")/haproxy.sock" | grep hello >/dev/null
}

# try NAME SERVES: starts and stops the daemon, and checks its answer with SERVES. The daemon
# handles SIGTERM and exits with 0, and so does its container. bwrap does not handle the signal, so
# it does not get the signal.
try() {
    local name=$1 serves=$2
    start "$name"
    "$serves" "$name" || fail "$name is active and does not answer"
    [ "$serves" != serves_redis ] || expect_soon "$name" "StatusText=Ready to accept connections"
    timeout -k 1 60 systemctl stop "$name" || fail "systemctl stop $name"
    expect_end "$name" "success exited 0"
    expect_gone "$name"
}

for kind in podman bwrap none; do
    scenario "$kind: Redis makes its unit active"
    redis_unit $kind redis-$kind
    try redis-$kind serves_redis

    scenario "$kind: haproxy makes its unit active"
    haproxy_unit $kind haproxy-$kind
    try haproxy-$kind serves_haproxy
done
