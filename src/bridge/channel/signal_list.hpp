#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace notifybridge::channel {

/// A signal for the command of a run, as "host" lists it. Its number is higher than those of all
/// that the same `wait` asked for before.
struct NumberedSignal {
    std::uint64_t number = 0;
    int signal = 0;

    bool operator==(const NumberedSignal&) const = default;
};

/// What `wait` asked for in a run, in its order. Each version of the file has all of it, as `wrap`
/// may miss one, and does by the numbers each signal once.
using SignalList = std::vector<NumberedSignal>;

/// Adds one. A list that is full loses the oldest that comes again later in it, as the kernel, too,
/// merges signals of the same kind that nobody has taken yet.
void append(SignalList& list, NumberedSignal signal);

/// "1:1 2:15"
std::string to_string(const SignalList& list);

/// Passes over what is no signal.
SignalList parse_signal_list(std::string_view text);

/// 0 for what is no signal: nobody can have asked for it.
int parse_signal(std::string_view text);

/// Whether who sends `signal` asks for an orderly end, by usage. Another one that ends a process
/// has a meaning of its own to most programs that are sent it.
bool asks_for_end(int signal);

}  // namespace notifybridge::channel
