#!/bin/bash
#
# File descriptors of a container reach systemd's store, and return into the container. The sockets
# on which systemd listens also reach the container.

. "$(dirname "$0")/lib.sh"
in_lab bwrap podman

# given NAME LINE…: checks that the app was started with these descriptors.
given() {
    local name=$1
    shift
    tell "$name" given
    diff <(printf '%s\n' "$@") <(sort "$apps/$name/given") || fail "$name was given others"
}

for kind in none bwrap podman; do
    name=store-$kind
    scenario "$kind: stored descriptors return with their names after a restart"
    app_unit "$name" "$kind" <<EOF
FileDescriptorStoreMax=8
EOF
    begin "$name"
    tell "$name" "send READY=1"
    tell "$name" "store one first file"
    tell "$name" "store two second file"
    tell "$name" barrier
    expect "$name" ActiveState=active NFileDescriptorStore=2
    begin "$name" restart
    expect_soon "$name" ActiveState=activating
    given "$name" "one first file" "two second file"
    tell "$name" "send READY=1"

    scenario "$kind: removed descriptors do not return after a restart"
    tell "$name" "send FDSTOREREMOVE=1\\nFDNAME=one"
    tell "$name" barrier
    expect_soon "$name" ActiveState=active NFileDescriptorStore=1
    begin "$name" restart
    given "$name" "two second file"
    tell "$name" "send READY=1"
    expect_soon "$name" ActiveState=active
    stop "$name"

    name=socket-$kind
    scenario "$kind: a connection starts the unit, and the app in the container answers it"
    app_unit "$name" "$kind" <<EOF
EOF
    cat >"$SYSTEM_TEST/units/$name.socket" <<EOF
[Socket]
ListenStream=/run/$name.sock
FileDescriptorName=listening
EOF
    systemctl start "$name.socket"
    python3 - "/run/$name.sock" >"$SYSTEM_TEST/answer" <<'EOF' &
import socket
import sys
with socket.socket(socket.AF_UNIX) as client:
    client.settimeout(60)
    client.connect(sys.argv[1])
    print(client.recv(100).decode(), end="")
EOF
    client=$!
    eventually "$name's app starts" more_lines "$apps/$name/starts" 0
    given "$name" "listening socket"
    tell "$name" "send READY=1"
    tell "$name" serve
    wait "$client"
    expect_line hello "$SYSTEM_TEST/answer"
    systemctl stop "$name.socket"
    stop "$name"
done
