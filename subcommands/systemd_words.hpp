#pragma once

#include <span>
#include <string>
#include <vector>

namespace notifybridge {

/// A command line of systemd(1) as `init` understands it.
struct SystemdWords {
    std::vector<std::string> arguments;  ///< The arguments for `init`. Unknown ones stay unchanged.
    std::vector<std::string> ignored;    ///< Options that ask for something that `init` cannot do.
};

/// Translates the options of systemd(1). As process 1 of a container, systemd also reads the words
/// of a kernel command line there (kernel-command-line(7)): known ones are translated, and others
/// that look like one are left out.
SystemdWords translate_systemd_words(std::span<const std::string> words, bool is_process_1);

}  // namespace notifybridge
