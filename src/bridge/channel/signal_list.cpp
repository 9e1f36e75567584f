#include "bridge/channel/signal_list.hpp"

#include <signal.h>

#include <algorithm>
#include <optional>

#include "base/util/concat.hpp"
#include "base/util/number.hpp"
#include "base/util/take_until.hpp"

namespace notifybridge::channel {
namespace {

/// A longer list would contain at least one signal twice.
constexpr std::size_t most_signals = NSIG - 1;

}  // namespace

void append(SignalList& list, NumberedSignal signal) {
    list.push_back(signal);
    if (list.size() <= most_signals)
        return;
    const auto comes_again = [&](const NumberedSignal& old) {
        return std::ranges::any_of(list, [&](const NumberedSignal& other) {
            return other.signal == old.signal && other.number > old.number;
        });
    };
    const auto oldest = std::ranges::find_if(list, comes_again);
    if (oldest != list.end())
        list.erase(oldest);
}

std::string to_string(const SignalList& list) {
    std::string text;
    for (const NumberedSignal& signal : list)
        text += util::concat(text.empty() ? "" : " ", signal.number, ':', signal.signal);
    return text;
}

SignalList parse_signal_list(std::string_view text) {
    SignalList list;
    while (!text.empty() && list.size() < most_signals) {
        std::string_view word = util::take_until(text, ' ');
        const auto number = util::parse_number<std::uint64_t>(util::take_until(word, ':'));
        const int signal = parse_signal(word);
        if (number && signal != 0)
            list.push_back({*number, signal});
    }
    return list;
}

int parse_signal(std::string_view text) {
    const int signal = util::parse_number<int>(text).value_or(0);
    return signal > 0 && signal < NSIG ? signal : 0;
}

}  // namespace notifybridge::channel
