#!/bin/bash
# Who answers for the packages, and where the project lives. tests/package puts these values into all
# packages. Set them here before you publish one: names below example.org belong to nobody.
# shellcheck disable=SC2034 # tests/package uses them.

maintainer='notifybridge developers <notifybridge@example.org>'
homepage='https://example.org/notifybridge'
repository='https://example.org/notifybridge.git'
