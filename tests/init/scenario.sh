#!/bin/bash
# Functions for scenarios: test_scenarios.py runs `bash scenario.sh SCENARIO` in a lab, once under
# systemd and once under `notifybridge init`. A scenario must print the same under both. Some also
# run with `wait` and `wrap` between systemd and the main process.
#
#   unit NAME <<END       writes a unit's file; NAME may be of a drop-in: "a.service.d/more.conf"
#   script NAME <<END     writes a bash script $dir/NAME, in which `mark TEXT` works
#   generator NAME <<END  writes a generator; its units exist after the next load
#   load                  makes the manager read the new files
#   ctl WORD…             runs systemctl, and prints its output, its errors and its status
#   status UNIT…          the same for `systemctl status`, without times and accounts
#   quietly WORD…         runs systemctl, and prints nothing
#   show UNIT NAME…       prints these properties, in this order
#   deps UNIT NAME…       the same for lists of units, sorted, without units that containers lack
#   get UNIT NAME         prints only the value, for use in commands
#   soon UNIT STATE       waits until the unit has this ActiveState
#   settled UNIT          waits until the unit is neither activating nor deactivating
#   until_sub UNIT SUB    the same for its SubState
#   until_has UNIT N V    the same for any property
#   until_gone PID        waits until the process does not exist any more
#   until_file PATH       waits until the file exists and is not empty
#   until_marked TEXT     waits until this mark exists
#   eventually WORD…      waits until a command succeeds
#   mark TEXT             for the commands of units: /bin/sh -c "$mark TEXT"
#   marks                 prints the marks so far in order, and forgets them
#   send ADDRESS TEXT     sends the text to a socket (in socat's form), and prints the answer
#   throw ADDRESS TEXT    the same if there is no answer
#
# $dir is a directory for this scenario; anybody may write to $open.

set -u
patience=20

dir=$SCENARIO_DIR
open=$dir/open
units=/run/systemd/system
generators=/run/systemd/system-generators
marks_file=$dir/marks
# shellcheck disable=SC2034 # Scenarios use it.
mark="echo >>$marks_file"

unit() {
    mkdir -p "$(dirname "$units/$1")"
    if [ -n "${BRIDGE:-}" ]; then across_bridge "$1"; else cat; fi >"$units/$1"
}

# Runs the same unit with its main process on the other side of a bridge.
across_bridge() {
    sed "s#^ExecStart=#Environment=SHARED_DIR=$open/shared-${1%%.*}\n&$BRIDGE wait $BRIDGE wrap -- #"
}

script() {
    {
        echo '#!/bin/bash'
        echo "mark() { echo \"\$*\" >>$marks_file; }"
        cat
    } >"$dir/$1"
    chmod 755 "$dir/$1"
}

generator() {
    mkdir -p "$generators"
    cat >"$generators/$1"
    chmod 755 "$generators/$1"
}

load() {
    systemctl daemon-reload
}

# Replaces text that differs between runs, and paths of this run.
plain() {
    sed -E "s#$dir#DIR#g; s/(MainPID|ControlPID|ExecMainPID)=[1-9][0-9]*/\1=PID/; \
s/pid=[1-9][0-9]*/pid=PID/; s/InvocationID=[0-9a-f]{32}/InvocationID=ID/; \
s/(start_time|stop_time)=\[[^]]*\]/\1=[TIME]/g"
}

# Remove hints: systemctl advises further commands, and a container has no journalctl.
ctl() {
    local status=0
    printf '$ systemctl %s\n' "$*" | plain
    systemctl --no-pager "$@" </dev/null >"$dir/out" 2>"$dir/error" || status=$?
    cat "$dir/out" "$dir/error" | plain | sed -E '/^See .* for details\.$/d; s/ See .journalctl.* for details\.$//'
    echo "=> $status"
}

# Control groups and their counters depend on the machine, as does a journal. A process in
# parentheses has not executed its program yet.
status() {
    ctl status "$@" | sed -E 's/(since|failed at|Until:) .* (ago|left)$/\1 TIME/;
        s/(PID|Process): [1-9][0-9]*/\1: PID/g; s/PID \(\((.*)\)\)/PID (\1)/; s/(Duration:) .*/\1 TIME/;
        /^ *(CGroup|Tasks|Memory|CPU): /d; /[├└]─ *[1-9][0-9]* /d' | awk '
        /^$/ { blank = 1; next }
        /^[A-Z][a-z]+ [0-9]+ [0-9:]+ / { blank = 0; next }
        { if (blank) print ""; blank = 0; print }'
}

quietly() {
    systemctl "$@" </dev/null >/dev/null 2>&1
}

show() {
    local unit=$1 names name
    shift
    names="$*"
    systemctl show "$unit" --property="${names// /,}" | plain >"$dir/out"
    for name; do
        grep "^$name=" "$dir/out" | sed "s/^/${unit//\//\\/}: /" || echo "$unit: no $name"
    done
}

deps() {
    local unit=$1 name
    shift
    for name; do
        echo "$unit: $name=$(get "$unit" "$name" | tr ' ' '\n' |
            grep -vE '\.(slice|mount)$|^systemd-journald' | sort | paste -sd ' ')"
    done
}

get() {
    systemctl show "$1" --property="$2" --value
}

eventually() {
    local deadline=$((SECONDS + patience))
    until "$@"; do
        if ((SECONDS >= deadline)); then
            echo "not within $patience s: $*"
            return 1
        fi
        sleep 0.02
    done
}

has() {
    [ "$(get "$1" "$2")" = "$3" ]
}

until_has() {
    eventually has "$1" "$2" "$3" && echo "$1 has $2=$3"
}

soon() {
    eventually has "$1" ActiveState "$2" && echo "$1 is $2"
}

comes_to_rest() {
    [[ $(get "$1" ActiveState) != *ing ]]
}

settled() {
    eventually comes_to_rest "$1"
}

until_sub() {
    eventually has "$1" SubState "$2" && echo "$1 is $2"
}

gone() {
    ! kill -0 "$1" 2>/dev/null
}

until_gone() {
    eventually gone "$1"
}

until_file() {
    eventually test -s "$1"
}

until_marked() {
    eventually grep -qxF -- "$1" "$marks_file"
}

marks() {
    sed 's/^/mark: /' "$marks_file" | plain
    : >"$marks_file"
}

send() {
    printf '%s' "$2" | timeout 10 socat -t 5 - "$1"
}

throw() {
    printf '%s' "$2" | timeout 10 socat -u - "$1"
}

# Ends the units of this scenario, so that the next one in this lab starts without them. Kills units
# that do not stop.
clean_up() {
    local name names
    names=$(systemctl list-units --all --plain --no-legend --full --type=service,socket,target,timer,path \
        2>/dev/null | awk '$3 != "inactive" { print $1 }' |
        grep -vxE 'driver\.service|(lab|sysinit|basic|shutdown|multi-user)\.target')
    if [ -n "$names" ]; then
        # shellcheck disable=SC2086 # Names of units have no spaces.
        {
            timeout 5 systemctl stop $names
            systemctl kill --signal=KILL $names
            timeout 5 systemctl stop $names
        } >/dev/null 2>&1
    fi
    rm -rf "${units:?}" "${generators:?}"
    mkdir -p "$units"
    systemctl daemon-reload
    systemctl reset-failed
} >/dev/null 2>&1

if ! tr '\0' '\n' </proc/1/environ | grep -qx container=lab; then
    echo "scenario.sh: this is no lab" >&2
    exit 1
fi
umask 022
mkdir -p "$dir"
mkdir -m 777 "$open"
: >"$marks_file"
chmod 666 "$marks_file"
rm -rf "$units"
mkdir -p "$units"
# SIGTERM ends a scenario that has hung.
trap 'clean_up; exit 1' TERM
. "$1"
clean_up
exit 0
