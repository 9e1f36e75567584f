#!/bin/bash
#
# Several containers of one unit, as in a compose project. The unit is active when the last
# container is ready. A container that was killed is started again. Containers are stopped in order.

. "$(dirname "$0")/lib.sh"
in_lab podman crun

# A script that starts the containers, and stops them in reverse order. podman restarts each one
# that ends.
cat >"$bin/stack" <<'END'
#!/bin/sh
stop() {
    for name in cache web db; do podman stop --time=5 "$name"; done
    podman rm --force --time=0 cache web db
    exit 0
}
trap stop TERM
for name in db web cache; do "${0%/*}/start-$name" || exit; done
while :; do
    sleep 1000 &
    wait
done
END
for name in db web cache; do
    app "$name" >/dev/null
    {
        echo '#!/bin/sh'
        container podman "$name" | sed "s|--rm|--detach --restart=always|
            s|-v [^:]*:/shared|-v /run/shared-stack/$name:/shared|; s|\$| $wrap $(app "$name")|"
    } >"$bin/start-$name"
done
chmod 755 "$bin/stack" "$bin"/start-*
unit stack <<EOF
ExecStart=$wait --verbose --member=db --member=web --member=cache $bin/stack
EOF

scenario "the unit is active when the last container is ready"
systemctl start --no-block stack
for name in db web cache; do
    eventually "$name starts" more_lines "$apps/$name/starts" 0
done
expect_soon stack ActiveState=activating "StatusText=waiting for db, web, cache"
tell db "send READY=1\\nSTATUS=Ready to accept connections"
expect_soon stack "StatusText=db: Ready to accept connections; waiting for web, cache"
tell web "send READY=1"
expect_soon stack "StatusText=db: Ready to accept connections; waiting for cache"
expect stack ActiveState=activating
tell cache "send READY=1\\nSTATUS=warm"
expect_soon stack ActiveState=active "StatusText=cache: warm"
shown=$("$bin/notifybridge" status /run/shared-stack)
for name in db web cache; do
    grep -q "/run/shared-stack/$name" <<<"$shown" || fail "status does not show $name: $shown"
done

scenario "a killed container restarts while the unit stays active"
before=$(lines "$apps/db/starts")
order db "kill KILL"
expect_soon stack "StatusText=db: was killed by SIGKILL"
eventually "db starts again" more_lines "$apps/db/starts" "$before"
tell db "send READY=1"
expect_soon stack "StatusText=db: ready"
expect stack ActiveState=active NRestarts=0

scenario "a stop ends the containers in the script's order"
stop stack
ended=$(sed -n 's/.*\] \([a-z]*\): was killed by SIGTERM$/\1/p' "$SYSTEM_TEST/log/stack" | tr '\n' ' ')
[ "$ended" = "cache web db " ] || fail "they ended in the order $ended"
for name in db web cache; do
    eventually "$name is gone" no_container "$name"
done
