#!/bin/bash
#
# `run --proxy`: a connection starts a container that has no network, and gets its answer. Some time
# later, nothing runs. A stop waits for an answer. Tests root's podman and a user's podman. An app
# that attacks `wrap` does not get the socket.

. "$(dirname "$0")/lib.sh"
in_lab podman runc newuidmap newgidmap curl
. "$here/recipes.sh"
. "$here/on_demand_cases.sh"

no_web() {
    no_container web
}

prepare
make_root
mount -t tmpfs tmpfs /var/cache
serve
options="-v /usr:/usr:ro -v $SYSTEM_TEST:$SYSTEM_TEST --ulimit=nofile=1024:1024 --ulimit=nproc=1000:1000"

# web_image: makes the image for the podman that is in use.
web_image() {
    image web "STOPSIGNAL SIGUSR1" "ENTRYPOINT [\"$bin/serve.py\"]" "CMD [\"$apps/signals\"]"
}

scenario "a connection starts a container of root's podman"
web_image
on_demand "$readme" 2 "$SYSTEM_TEST/units" "--runtime=/usr/sbin/runc --pids-limit=0 $options localhost/web"
printf '[Service]\nKillMode=mixed\n' >"$SYSTEM_TEST/units/web.service.d/monitor.conf"
sed -i 's|podman run|podman --cgroup-manager=cgroupfs run|' "$SYSTEM_TEST/units/web.service"
systemctl daemon-reload
try_on_demand no_web

scenario "a stop of root's podman lets a client get its answer"
try_stop "$SYSTEM_TEST/units"

scenario "clients get their answers even if they are more than the app's backlog allows"
cat >"$bin/echo.py" <<'END'
#!/usr/bin/python3
import socket, threading

def echo(client):
    with client:
        while piece := client.recv(65536):
            client.sendall(piece)

server = socket.create_server(("127.0.0.1", 80), backlog=50)
while True:
    threading.Thread(target=echo, args=(server.accept()[0],), daemon=True).start()
END
cat >"$bin/burst.py" <<'END'
#!/usr/bin/python3
"""Connects 300 clients at once. Each client sends 200,000 bytes and the end of its input, and
expects the same number of bytes. Prints what went wrong, one line for each client."""
import socket, threading

def send(client):
    client.sendall(bytes(200000))
    client.shutdown(socket.SHUT_WR)

def ask(number):
    received = 0
    try:
        with socket.create_connection(("127.0.0.1", 8080), timeout=60) as client:
            threading.Thread(target=send, args=(client,), daemon=True).start()
            while piece := client.recv(65536):
                received += len(piece)
        if received != 200000:
            print(f"client {number}: {received} bytes\n", end="", flush=True)
    except OSError as error:
        print(f"client {number}: {received} bytes, {error}\n", end="", flush=True)

clients = [threading.Thread(target=ask, args=(number,)) for number in range(300)]
for client in clients: client.start()
for client in clients: client.join()
END
chmod 755 "$bin/echo.py" "$bin/burst.py"
image echo "ENTRYPOINT [\"$bin/echo.py\"]"
on_demand "$readme" 2 "$SYSTEM_TEST/units" "--cgroups=disabled $options localhost/echo"
sed -i 's|\[Socket\]|&\nBacklog=500|' "$SYSTEM_TEST/units/web.socket"
systemctl daemon-reload
said=$("$bin/burst.py" 2>&1)
[ -z "$said" ] || fail "$said"
systemctl stop web.socket web.service

scenario "an app cannot take the host's sockets out of wrap"
cat >"$bin/thief.py" <<'END'
#!/usr/bin/python3
"""Attacks `wrap`, PID 1, for each request, and answers with the result. The attack succeeds if it
reaches the port of web.socket, because the container has no network."""
import http.server, os, subprocess

STEAL = os.path.join(os.path.dirname(__file__), "steal.py")

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        words = ["/usr/bin/python3", STEAL, "1", "8080"]
        answer = subprocess.run(words, stdout=subprocess.PIPE).stdout
        self.send_response(200)
        self.end_headers()
        self.wfile.write(answer)

http.server.HTTPServer(("127.0.0.1", 8000), Handler).serve_forever()
END
cp "$here/../command/steal.py" "$bin"
chmod 755 "$bin/thief.py" "$bin/steal.py"
image thief "ENTRYPOINT [\"$bin/thief.py\"]"
on_demand "$readme" 2 "$SYSTEM_TEST/units" "--user=33 --cgroups=disabled $options localhost/thief"
sed -i 's|127.0.0.1:80 |127.0.0.1:8000 |' "$SYSTEM_TEST/units/web.service"
systemctl daemon-reload
said=$(curl --silent --show-error --max-time "$patience" http://127.0.0.1:8080/ 2>&1) || fail "$said"
case $said in
    denied) ;;
    unable*) echo "left out: $said" ;;
    *) fail "the attack has $said" ;;
esac
# In the container, the app's user sees the state, although it cannot inspect `wrap`.
said=$(podman exec web /run/.notifybridge status 2>&1) || fail "$said"
grep -q "^ *Proxy: " <<<"$said" || fail "$said"
systemctl stop web.socket web.service

# published NAME DIRECTORY WORD…: makes a unit whose container has no network, and is reached at port
# 8080 and at a path, without a .socket unit.
published() {
    local name=$1 directory=$2
    shift 2
    adapt_unit "$name" "$directory" <<END
[Service]
Type=notify
KillMode=mixed
RuntimeDirectory=$name
ExecStart=/usr/bin/notifybridge run --proxy=127.0.0.1:8080=tcp:127.0.0.1:80 \
    --proxy=unix:%t/$name/web.sock=tcp:127.0.0.1:80 \
    podman $* --rm --replace --name=$name --network=none $options localhost/web
END
    systemctl daemon-reload
}

scenario "run publishes a port and a path of a container without a network, without a .socket unit"
published own "$SYSTEM_TEST/units" --cgroup-manager=cgroupfs run --cgroups=disabled
for _ in first second; do
    systemctl start own || fail "systemctl start own"
    answers
    [ "$(curl --silent --unix-socket /run/own/web.sock http://own/)" = hello ] || fail "no answer at the path"
    systemctl stop own
    expect_end own "success exited 0"
done
systemctl start own
published taken "$SYSTEM_TEST/units" --cgroup-manager=cgroupfs run --cgroups=disabled
systemctl start taken 2>/dev/null && fail "two units have the same port"
grep -q "cannot listen at 127.0.0.1:8080: another process listens on this port" "$SYSTEM_TEST/log/taken" ||
    fail "no reason"
systemctl stop own

scenario "the check reports a socket whose port is in use"
for name in first second; do
    printf '[Socket]\nListenStream=127.0.0.1:8097\n' >"$SYSTEM_TEST/units/$name.socket"
    cp "$SYSTEM_TEST/units/web.service" "$SYSTEM_TEST/units/$name.service"
done
systemctl daemon-reload
systemctl start first.socket
if systemctl start second.socket 2>/dev/null; then fail "two sockets have the same port"; fi
said=$("$bin/notifybridge" status --check second 2>&1) || true
grep -q "^problem  *unit .*; second\.socket has failed (resources) and does not listen" <<<"$said" ||
    fail "$said"
systemctl stop first.socket

scenario "a connection starts a container of a user's podman"
rm -r "$SYSTEM_TEST"/units/web.*
log_in
web_image
on_demand "$examples" 2 "$her_units" "$options localhost/web"
try_on_demand no_web as_anna

scenario "run of a user publishes a port of a container without a network"
published hers "$her_units" run
systemctl start hers || fail "systemctl start hers"
answers
systemctl stop hers

scenario "a stop of a user's podman lets a client get its answer"
try_stop "$her_units"
