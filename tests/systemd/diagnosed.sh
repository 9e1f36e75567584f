# Sourced after lib.sh by the tests of `status --check` for a failed unit.

# service NAME COMMAND [SETTING…]: makes a unit with that ExecStart=.
service() {
    local name=$1 command=$2
    shift 2
    printf '%s\n' '[Service]' Type=notify TimeoutStartSec=4 "$@" "ExecStart=$command" \
        >"$SYSTEM_TEST/units/$name.service"
    systemctl daemon-reload
}

# check NAME: prints the findings about the unit.
check() {
    timeout -k 1 20 "$bin/notifybridge" status --check "$1" 2>/dev/null || true
}

# finds NAME CAUSE REMEDY: checks that the first finding is a problem of the unit, with these texts.
finds() {
    said=$(check "$1")
    [[ $(head -n 2 <<<"$said") == "problem  unit "*"$2"*$'\n '*"$3"* ]]
}

# names NAME CAUSE REMEDY: does the same, and waits until the journal has the unit's output.
names() {
    local deadline=$((SECONDS + patience))
    until finds "$@"; do
        ((SECONDS < deadline)) || fail "$1: the first finding lacks \"$2\" or \"$3\": $said"
        sleep 0.1
    done
    if sed 1d <<<"$said" | grep -q "^problem"; then fail "$1: a consequence is a problem, too: $said"; fi
}

# fails NAME CAUSE REMEDY: checks that the unit does not start, and that the findings explain this.
fails() {
    if timeout -k 1 60 systemctl start "$1" 2>/dev/null; then fail "$1 started"; fi
    names "$@"
}
