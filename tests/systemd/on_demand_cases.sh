# Sourced after recipes.sh by the tests of `run --proxy`. Tests the units of README.md and of
# notifybridge-examples(7) with an app that does not support sockets from systemd.

title="A container that starts at a connection"

# The app does not support sockets from systemd. It writes down the signal that ends it. It answers
# /slow at length, and only when a file appears.
serve() {
    cat >"$bin/serve.py" <<'END'
#!/usr/bin/python3
import http.server, os, signal, sys, time

def end(number, frame):
    with open(sys.argv[1], "a", encoding="ascii") as file:
        print(signal.Signals(number).name, file=file)
    os._exit(0)

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        is_slow = self.path == "/slow"
        if is_slow:
            open(sys.argv[1] + ".asked", "w").close()
            while not os.path.exists(sys.argv[1] + ".go"):
                time.sleep(0.05)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"hello\n" * (100000 if is_slow else 1))

for number in signal.SIGTERM, signal.SIGUSR1:
    signal.signal(number, end)
http.server.HTTPServer(("127.0.0.1", 80), Handler).serve_forever()
END
    chmod 755 "$bin/serve.py"
}

# on_demand FILE NUMBER DIRECTORY WORD…: makes the units of README.md or of the manual with a
# shorter timeout, and with these options of the container manager and this image.
on_demand() {
    local file=$1 number=$2 directory=$3 page=$title
    shift 3
    if [ "$file" = "$examples" ]; then page=${title^^}; fi
    rm -f "$SYSTEM_TEST/log/web" "$SYSTEM_TEST/ends/web"
    : >"$apps/signals"
    chmod 666 "$apps/signals"
    recipe "$file" "$page" 1 >"$directory/web.socket"
    recipe "$file" "$page" "$number" |
        sed "s|10min|2s|; s|--network=none IMAGE|--network=none $*|" |
        adapt_unit web "$directory"
    systemctl daemon-reload
    systemctl start web.socket
}

answers() {
    local answer
    answer=$(curl --silent --show-error --max-time "$patience" http://127.0.0.1:8080/) ||
        fail "curl: $answer"
    [ "$answer" = hello ] || fail "the answer is \"$answer\""
}

# checks_idle AS…: checks the report of `status --check` about a unit that has ended because it was
# idle. AS… runs a command as the unit's user.
checks_idle() {
    local said
    said=$("$@" "$bin/notifybridge" status --check web 2>&1) || true
    grep -q "^note  *unit .*; a connection to web\.socket starts it" <<<"$said" || fail "$said"
    if grep -q "^problem" <<<"$said"; then fail "$said"; fi
}

# try_on_demand IS_GONE [AS…]: tests the units twice, because the socket must survive the first end.
# IS_GONE returns whether the container is removed. AS… runs a command as the unit's user.
try_on_demand() {
    local time is_gone=$1
    shift
    for time in first second; do
        expect web ActiveState=inactive
        rm -f "$SYSTEM_TEST/ends/web"
        answers
        expect web ActiveState=active
        answers
        expect_end web "success exited 0"
        expect_ended web
        eventually "no container is left after the $time time" "$is_gone"
        expect web.socket ActiveState=active SubState=listening
        checks_idle "$@"
    done
    [ "$(cat "$apps/signals")" = $'SIGUSR1\nSIGUSR1' ] ||
        fail "the image's stop signal is not what ended it: $(cat "$apps/signals")"
    systemctl stop web.socket
}

# try_stop DIRECTORY: checks that the unit, which is in this directory, stops only when a client has got
# its answer. The stop may last longer than without these options, because the machine may be busy.
try_stop() {
    local client answer=$SYSTEM_TEST/answer
    sed -i "s|--idle-timeout=|--verbose --stop-timeout=16 &|" "$1/web.service"
    systemctl daemon-reload
    rm -f "$SYSTEM_TEST/ends/web" "$apps"/signals.*
    systemctl start web.socket
    curl --silent --show-error --max-time "$patience" --output "$answer" http://127.0.0.1:8080/slow &
    client=$!
    eventually "the app gets the question" [ -e "$apps/signals.asked" ]
    systemctl stop --no-block web.service
    eventually "the stop waits for the answer" \
        grep -q "before the command is asked to stop" "$SYSTEM_TEST/log/web"
    expect web ActiveState=deactivating
    touch "$apps/signals.go"
    wait "$client" || fail "the client got no answer"
    [ "$(sort --unique "$answer")" = hello ] && [ "$(lines "$answer")" = 100000 ] ||
        fail "the answer has only $(lines "$answer") lines"
    expect_end web "success exited 0"
    expect_ended web
    systemctl stop web.socket
}
