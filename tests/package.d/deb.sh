#!/bin/bash
# tests/package sources this file. It makes Debian's packages, always with the rules in debian/ here.

# Debian's revision of the version.
revision=1

# prepare_debian TREE: copies debian/ to TREE, with the version and the owner.
prepare_debian() {
    local date
    date=$(date --utc --rfc-email --date="@$SOURCE_DATE_EPOCH")
    cp -R "$data/debian" "$1"
    find "$1/debian" -type f -exec sed -i -e "s|@VERSION@|$version|g" -e "s|@REVISION@|$revision|g" \
        -e "s|@DATE@|$date|g" -e "s|@MAINTAINER@|$maintainer|g" -e "s|@HOMEPAGE@|$homepage|g" \
        -e "s|@REPOSITORY@|$repository|g" {} +
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
    # Without debug information, the linker has stripped it.
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

# Prints an archive of the files that git knows, as they are now.
archive_sources() {
    git ls-files -z |
        tar --create --null --files-from=- --transform="flags=rSH;s,^,notifybridge-$version/," \
            --format=gnu --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner \
            --mode=u=rwX,go=rX
}

# Makes sure that git knows which files are sources, and says if some are not committed.
require_checkout() {
    git rev-parse --git-dir >/dev/null 2>&1 || fail "a source package is made from a checkout of git"
    git diff --quiet HEAD || echo "tests/package: the sources have changes that are not committed" >&2
    case $maintainer in
    *@example.org*) echo "tests/package: before you publish this, name the owner in tests/package.d/owner.sh" >&2 ;;
    esac
}

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
