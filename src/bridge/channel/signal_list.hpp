#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace notifybridge::channel {

/// A signal for the command of a run, as listed in "host". Numbers increase with each signal of the
/// same `wait`.
struct NumberedSignal {
    std::uint64_t number = 0;
    int signal = 0;

    bool operator==(const NumberedSignal&) const = default;
};

/// The signals for a run, in order. Each version of the file lists all of them, because `wrap` may
/// miss a version; the numbers let it pass each signal on once.
using SignalList = std::vector<NumberedSignal>;

/// Adds a signal. A full list drops the oldest signal that is repeated later: the kernel merges
/// pending signals of one kind, too.
void append(SignalList& list, NumberedSignal signal);

/// Returns text like "1:1 2:15".
std::string to_string(const SignalList& list);

/// Parses such a text, ignoring anything that is not a signal.
SignalList parse_signal_list(std::string_view text);

/// Returns the signal, or 0 if `text` is not a signal.
int parse_signal(std::string_view text);

}  // namespace notifybridge::channel
