#!/bin/bash
# The maintainer of the packages, and the addresses of the project. tests/package puts these values
# into all packages. Set them here before you publish one: nobody can own a name below example.org.
# shellcheck disable=SC2034 # tests/package uses them.

maintainer='notifybridge developers <notifybridge@example.org>'
homepage='https://example.org/notifybridge'
repository='https://example.org/notifybridge.git'
