#!/bin/bash
#
# Sourced by tests/package: what another architecture takes, by the variables that it has set.

# Writes what Meson has to know of the other architecture; its Boost is unpacked and not installed.
write_cross_file() {
    local boost=$work.boost packages
    mapfile -t packages < <(printf '%s\n' "${build_packages[@]}" | grep ^libboost)
    if ! [ -d "$boost" ]; then
        rm -rf "$boost.tree" "$boost.part"
        mmdebstrap --quiet --variant=extract --architectures="$architecture" \
            --include="$(IFS=, && echo "${packages[*]}")" "$(debian_codename)" "$boost.tree" >&2 ||
            fail "Debian's packages of $architecture cannot be had"
        mkdir "$boost.part" "$boost.part/include"
        mv "$boost.tree/usr/include/boost" "$boost.part/include"
        mv "$boost.tree/usr/lib/$machine-linux-gnu" "$boost.part/lib"
        rm -rf "$boost.tree"
        find "$boost.part/lib" -mindepth 1 ! -name 'libboost_*.a' -delete
        mv "$boost.part" "$boost"
    fi
    cat >"$work.ini" <<EOF
[binaries]
cpp = [$(! command -v ccache >/dev/null || echo "'ccache', ")'$tools-g++']
ar = '$tools-ar'
strip = '$tools-strip'

[properties]
needs_exe_wrapper = true
boost_includedir = '$boost/include'
boost_librarydir = '$boost/lib'

[host_machine]
system = 'linux'
cpu_family = '$machine'
cpu = '$machine'
endian = 'little'
EOF
}
