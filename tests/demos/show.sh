# The demonstrations source this file. It defines their layout and their preparation.

tests=$(realpath "$(dirname "$0")/..")
lab=$tests/lab/lab
readonly patience=${DEMO_PATIENCE:-60}

if [ -n "${DEMO_COLOUR:-}" ]; then
    bold=$'\e[1m' green=$'\e[32m' plain=$'\e[0m'
else
    bold='' green='' plain=''
fi

heading() {
    printf '\n%s%s%s\n\n' "$bold" "$1" "$plain"
}

quote() {
    sed 's/^/    /'
}

good() {
    printf '  %s✓%s %s\n' "$green" "$plain" "$1"
}

# keep_log NAME: makes systemd keep what the unit NAME prints, for `die`.
keep_log() {
    mkdir -p "$DEMO_DIR/log" "$DEMO_DIR/units/$1.service.d"
    printf '[Service]\nStandardOutput=append:%s\nStandardError=inherit\n' "$DEMO_DIR/log/$1" \
        >"$DEMO_DIR/units/$1.service.d/log.conf"
}

# print_logs: prints the last lines of each unit.
print_logs() {
    local log
    for log in "$DEMO_DIR"/log/*; do
        [ -s "$log" ] || continue
        echo "${log##*/}.service printed:"
        tail -n 20 "$log" | quote
    done
}

# A demonstration may define a function `explain` that prints more about the state.
die() {
    printf 'demo: failed: expected that %s\n' "$1" >&2
    {
        print_logs
        if declare -F explain >/dev/null; then explain; fi
    } >&2
    exit 1
}

# eventually WHAT COMMAND…: waits until COMMAND succeeds, at most $patience seconds.
eventually() {
    local what=$1 deadline=$((SECONDS + patience))
    shift
    until "$@"; do
        ((SECONDS < deadline)) || die "$what"
        sleep 0.02
    done
}

# begin: creates $DEMO_DIR with bin/, units/ and shared-service/. bin/ gets the executable that was
# built, or $NOTIFYBRIDGE if it is set.
begin() {
    DEMO_DIR=$(mktemp -d --tmpdir notifybridge-demo.XXXXXXXXXX)
    trap 'rm -rf "$DEMO_DIR"' EXIT
    chmod 755 "$DEMO_DIR"
    export DEMO_DIR
    if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
        export DEMO_COLOUR=yes
        bold=$'\e[1m' green=$'\e[32m' plain=$'\e[0m'
    fi
    if [ -z "${NOTIFYBRIDGE:-}" ]; then
        heading "Building (the first time this takes a few minutes)"
        build
    fi
    mkdir "$DEMO_DIR/bin" "$DEMO_DIR/units" "$DEMO_DIR/shared-service"
    cp "$NOTIFYBRIDGE" "$DEMO_DIR/bin/notifybridge"
    ln -s notifybridge "$DEMO_DIR/bin/container-notify-wrapper"
    ln -s notifybridge "$DEMO_DIR/bin/host-notify-waiter"
}

# progress: shows the last line of the input until the next one. Shows nothing if the output is not
# a terminal.
progress() {
    local line width
    if ! [ -t 1 ] || [ "${TERM:-dumb}" = dumb ]; then
        cat >/dev/null
        return
    fi
    width=$(tput cols)
    while IFS= read -r line; do
        printf '\r\e[K    %.*s' $((width - 5)) "$line"
    done
    printf '\r\e[K'
}

build() {
    local log=$DEMO_DIR/build.log
    NOTIFYBRIDGE=$(realpath "$tests/..")/build/notifybridge
    if ! "$tests/run" --build 2>&1 | tee "$log" | progress; then
        tail -n 30 "$log" >&2
        if command -v meson >/dev/null || ! [ -x "$NOTIFYBRIDGE" ]; then
            die "tests/run --build installs what is missing, and builds"
        fi
        echo "    Cannot build here; using the existing executable."
    fi
    grep "^$tests/run: .*without:" "$log" | sed 's/.*: continuing/    Continuing/' || true
    printf '    build/notifybridge: %d KB, %s\n' $(($(stat --format=%s "$NOTIFYBRIDGE") / 1000)) \
        "$(file --brief "$NOTIFYBRIDGE" 2>/dev/null | grep -o 'static[a-z-]*' || true)"
}
