#!/bin/bash
# tests/package sources this file. It makes Debian's packages, always with the rules in debian/ here.

# prepare_debian TREE: copies debian/ to TREE, with the version and the owner.
prepare_debian() {
    cp -R "$data/debian" "$1"
    find "$1/debian" -type f -exec sed -i "${placeholders[@]}" {} +
    chmod 755 "$1/debian/rules" "$1/debian/tests/smoke"
}

# --- the binary package -----------------------------------------------------------------------

# Runs the rules with the staged files in place of a compilation.
make_deb() {
    local top=$work.deb tree=$work.deb/notifybridge-$version options=nocheck name package
    command -v dh >/dev/null || fail "debhelper is missing: apt-get install debhelper"
    rm -rf "$top"
    mkdir -p "$tree/tests/package.d"
    cp "$source/README.md" "$tree"
    cp "$data/NEWS" "$tree/tests/package.d"
    prepare_debian "$tree"
    settle_times "$tree"
    settle_times "$stage"
    # If there is no debug information, the linker has stripped the executable.
    [ -n "$debug" ] || options+=" nostrip"
    (
        cd "$tree"
        export STAGED=$stage DEB_BUILD_OPTIONS=$options
        LINKED=$(python3 "$data/linked.py" "$record")
        export LINKED
        dpkg-architecture -f -a"$architecture" -c debian/rules binary
    ) >>"$work.log" 2>&1 || {
        tail -n 20 "$work.log" >&2
        fail "debian/rules has failed; see $work.log"
    }
    for name in notifybridge ${debug:+notifybridge-dbgsym}; do
        package=${name}_$version-${revision}_$architecture.deb
        mv "$top/$package" "$output"
        echo "$output/$package"
    done
    rm -rf "$top"
}

# --- the source package -----------------------------------------------------------------------

make_deb_src() {
    local top=$work.deb-src tree name
    name=notifybridge_$version
    tree=$top/notifybridge-$version
    require_checkout
    rm -rf "$top"
    mkdir -p "$top"
    archive_sources | xz >"$top/$name.orig.tar.xz"
    tar --extract --directory="$top" --file="$top/$name.orig.tar.xz"
    prepare_debian "$tree"
    settle_times "$tree/debian"
    (cd "$top" && dpkg-source --build "$tree") >"$work.log" 2>&1 || {
        tail -n 20 "$work.log" >&2
        fail "dpkg-source has failed; see $work.log"
    }
    mv "$top/$name.orig.tar.xz" "$top/$name-$revision".* "$output"
    rm -rf "$top"
    echo "$output/$name-$revision.dsc"
}
