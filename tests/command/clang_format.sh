#!/bin/bash
#
# The sources look as .clang-format wants them to.

set -eu

cd "$(dirname "$0")/../.."
command -v clang-format >/dev/null || { echo "skipped: there is no clang-format" && exit 77; }
find src subcommands tests \( -name '*.hpp' -o -name '*.cpp' \) -print0 |
    xargs -0 clang-format --dry-run -Werror
