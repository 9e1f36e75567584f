#pragma once

#include <span>
#include <string>
#include <vector>

namespace notifybridge {

/// The result of reading a command line of systemd(1).
struct SystemdWords {
    /// The arguments for `init`. Unknown arguments stay unchanged.
    std::vector<std::string> arguments;
    std::vector<std::string> ignored;  ///< Options for features that `init` does not have.
    /// The error message for an option that asks for something other than managing this system.
    /// Empty if no option does.
    std::string refused;
};

/// Translates the options of systemd(1). As process 1 of a container, systemd also reads words of a
/// kernel command line (kernel-command-line(7)). Translates known words, and drops others that look
/// like kernel parameters.
SystemdWords translate_systemd_words(std::span<const std::string> words, bool is_process_1);

}  // namespace notifybridge
