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
#
# The functions call bash's own commands where they can. With a process for each sed and grep, a run
# of all scenarios took twice as long. test_scenarios.py replaces text that differs between runs.

set -u
patience=20

dir=$SCENARIO_DIR
open=$dir/open
units=/run/systemd/system
generators=/run/systemd/system-generators
marks_file=$dir/marks
exec {never}<> <(:) # nobody writes to this pipe
# shellcheck disable=SC2034 # Scenarios use it.
mark="echo >>$marks_file"

# copy: writes the standard input to the standard output, as cat does.
copy() {
    local text
    IFS= read -rd '' text
    printf %s "$text"
}

unit() {
    case $1 in */*) mkdir -p "$units/${1%/*}" ;; esac
    if [ -n "${BRIDGE:-}" ]; then across_bridge "$1"; else copy; fi >"$units/$1"
}

# Runs the same unit with its main process on the other side of a bridge.
across_bridge() {
    sed "s#^ExecStart=#Environment=SHARED_DIR=$open/shared-${1%%.*}\n&$BRIDGE wait $BRIDGE wrap -- #"
}

script() {
    {
        echo '#!/bin/bash'
        echo "mark() { echo \"\$*\" >>$marks_file; }"
        copy
    } >"$dir/$1"
    chmod 755 "$dir/$1"
}

generator() {
    mkdir -p "$generators"
    copy >"$generators/$1"
    chmod 755 "$generators/$1"
}

load() {
    systemctl daemon-reload
}

# read_lines FILE: reads a file into the array `lines`.
read_lines() {
    mapfile -t lines <"$1"
}

# print_lines PREFIX FILE…: prints the lines of the files, with this prefix.
print_lines() {
    local prefix=$1 file lines
    shift
    for file; do
        read_lines "$file"
        [ ${#lines[@]} = 0 ] || printf "$prefix%s\n" "${lines[@]}"
    done
}

ctl() {
    local status=0
    printf '$ systemctl %s\n' "$*"
    systemctl --no-pager "$@" </dev/null >"$dir/out" 2>"$dir/error" || status=$?
    print_lines '' "$dir/out" "$dir/error"
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

# read_properties UNIT NAME…: reads these properties into the array `lines`.
read_properties() {
    local names="${*:2}"
    systemctl show "$1" --property="${names// /,}" >"$dir/out"
    read_lines "$dir/out"
}

show() {
    local unit=$1 name line lines is_found
    read_properties "$@"
    shift
    for name; do
        is_found=
        for line in "${lines[@]}"; do
            case $line in "$name="*) is_found=yes && echo "$unit: $line" ;; esac
        done
        [ -n "$is_found" ] || echo "$unit: no $name"
    done
}

deps() {
    local unit=$1 name line lines sorted
    read_properties "$@"
    shift
    for name; do
        for line in "${lines[@]}" "$name="; do
            case $line in "$name="*) break ;; esac
        done
        sort_dependencies "${line#*=}"
        echo "$unit: $name=${sorted[*]}"
    done
}

# sort_dependencies TEXT: sets the array `sorted` to the words, without units that containers lack.
sort_dependencies() {
    local word i
    sorted=()
    for word in $1; do
        case $word in *.slice | *.mount | systemd-journald*) continue ;; esac
        i=${#sorted[@]}
        while ((i > 0)) && [[ ${sorted[i - 1]} > $word ]]; do
            sorted[i]=${sorted[i - 1]}
            ((i -= 1))
        done
        sorted[i]=$word
    done
}

get() {
    systemctl show "$1" --property="$2" --value
}

eventually() {
    local deadline=$((SECONDS + patience)) tries=0
    until "$@"; do
        if ((SECONDS >= deadline)); then
            echo "not within $patience s: $*"
            return 1
        fi
        # Asking takes processor time from the other tests.
        read -rt 0.$(((tries += 1) < 5 ? 1 : 2)) -u "$never" || :
    done
}

# read_property UNIT NAME: reads the first line of a property into the variable `value`.
read_property() {
    systemctl show "$1" --property="$2" --value >"$dir/value"
    IFS= read -r value <"$dir/value"
}

has() {
    local value
    read_property "$1" "$2"
    [ "$value" = "$3" ]
}

until_has() {
    eventually has "$1" "$2" "$3" && echo "$1 has $2=$3"
}

soon() {
    eventually has "$1" ActiveState "$2" && echo "$1 is $2"
}

comes_to_rest() {
    local value
    read_property "$1" ActiveState
    [[ $value != *ing ]]
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

is_marked() {
    local line lines
    read_lines "$marks_file"
    for line in "${lines[@]}"; do
        [ "$line" != "$1" ] || return 0
    done
    return 1
}

until_marked() {
    eventually is_marked "$1"
}

marks() {
    print_lines 'mark: ' "$marks_file"
    : >"$marks_file"
}

send() {
    printf '%s' "$2" | timeout 10 socat -t 5 - "$1"
}

throw() {
    printf '%s' "$2" | timeout 10 socat -u - "$1"
}

# is_of_lab UNIT: returns whether the unit belongs to the lab, so that no scenario has started it.
is_of_lab() {
    case $1 in
    driver.service | lab.target | sysinit.target | basic.target | shutdown.target) ;;
    multi-user.target) ;;
    *) return 1 ;;
    esac
}

# Ends the units of this scenario, so that the next one in this lab starts without them. Kills units
# that do not stop.
clean_up() {
    local name active names=()
    systemctl list-units --all --plain --no-legend --full --type=service,socket,target,timer,path >"$dir/out"
    while read -r name _ active _; do
        [ "$active" = inactive ] || is_of_lab "$name" || names+=("$name")
    done <"$dir/out"
    if [ ${#names[@]} != 0 ]; then
        timeout 5 systemctl stop "${names[@]}"
        systemctl kill --signal=KILL "${names[@]}"
        timeout 5 systemctl stop "${names[@]}"
    fi
    rm -rf "${units:?}" "${generators:?}"
    mkdir -p "$units"
    systemctl daemon-reload
    systemctl reset-failed
} >/dev/null 2>&1

# is_in_lab: returns whether process 1 is that of a lab.
is_in_lab() {
    local variable variables
    mapfile -d '' -t variables </proc/1/environ
    for variable in "${variables[@]}"; do
        [ "$variable" != container=lab ] || return 0
    done
    return 1
}

if ! is_in_lab; then
    echo "scenario.sh: this is not a lab" >&2
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
