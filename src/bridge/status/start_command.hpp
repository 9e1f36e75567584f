#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace notifybridge::status {

/// How a unit starts its container, as far as the words of `wait` or `run` show it. What a script
/// does is not seen.
struct StartCommand {
    bool is_run = false;                   ///< `notifybridge run`, which puts words in.
    bool keeps = false;                    ///< `wait --keep`.
    std::vector<std::string> members;      ///< `wait --member`.
    std::string manager;                   ///< podman, docker or nerdctl; empty where it is none.
    std::string runtime;                   ///< What the manager's --runtime says.
    std::vector<std::string> executables;  ///< Paths that have one of our names.

    bool operator==(const StartCommand&) const = default;
};

StartCommand read_start_command(std::span<const std::string> words);

/// The words in the text of /proc/PID/cmdline.
std::vector<std::string> words_of_cmdline(std::string_view text);

/// The words of the last command in what `systemctl show` has for ExecStart=. They are not quoted
/// there: a word with blanks is several.
std::vector<std::string> words_of_exec_start(std::string_view text);

}  // namespace notifybridge::status
