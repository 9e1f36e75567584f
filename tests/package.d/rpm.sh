#!/bin/bash
# tests/package sources this file. It makes rpm's packages, always with notifybridge.spec.

# write_specification DIRECTORY: writes the specification, with the version and the owner.
write_specification() {
    mkdir -p "$1"
    sed "${placeholders[@]}" "$data/notifybridge.spec" >"$1/notifybridge.spec"
}

# run_rpmbuild TOP OPTION…: runs rpmbuild with these options, and with all its directories below
# TOP.
run_rpmbuild() {
    local top=$1 definition options=()
    shift
    command -v rpmbuild >/dev/null || fail "rpmbuild is missing: apt-get install rpm"
    for definition in "_topdir $top" "_dbpath $top/database" "_buildhost localhost" \
        "packager $maintainer" "use_source_date_epoch_as_buildtime 1" \
        "clamp_mtime_to_source_date_epoch 1"; do
        options+=(--define "$definition")
    done
    rpmbuild "${options[@]}" "$@" "$top/SPECS/notifybridge.spec" >>"$work.log" 2>&1 || {
        tail -n 20 "$work.log" >&2
        fail "rpmbuild has failed; see $work.log"
    }
}

# Moves the packages of DIRECTORY to the output, and prints their names.
hand_over() {
    local package
    for package in "$1"/*.rpm; do
        mv "$package" "$output"
        echo "$output/${package##*/}"
    done
}

# Builds with the staged files in place of a compilation.
make_rpm() {
    local top=$work.rpm
    rm -rf "$top"
    write_specification "$top/SPECS"
    cp "$source/LICENSE" "$source/README.md" "$data/NEWS" "$stage"
    gzip -9n "$stage"/usr/share/man/man*/*
    settle_times "$stage"
    [ -z "$debug" ] || settle_times "$stage.debug"
    # The staged files are complete: rpmbuild strips, compresses and links nothing.
    run_rpmbuild "$top" -bb --target="$machine-linux" --define "staged $stage" \
        --define "_build_id_links none" --define "debug_package %{nil}" \
        --define "__os_install_post %{nil}" --define "_binary_payload w9.xzdio" ${debug:+--define "staged_debug $stage.debug"}
    hand_over "$top/RPMS/$machine"
    rm -rf "$top"
}

make_rpm_src() {
    local top=$work.rpm-src
    require_checkout
    rm -rf "$top"
    write_specification "$top/SPECS"
    mkdir -p "$top/SOURCES"
    archive_sources | xz >"$top/SOURCES/notifybridge-$version.tar.xz"
    settle_times "$top"
    : >"$work.log"
    # The package contains the names of these directories, so they must not depend on this machine.
    # Nothing is built there.
    run_rpmbuild "$top" -bs --define "_source_payload w9.xzdio" \
        --define "_builddir /tmp" --define "_buildrootdir /tmp"
    hand_over "$top/SRPMS"
    rm -rf "$top"
}
