#include "base/util/signal_names.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

#include "base/util/concat.hpp"
#include "base/util/lenient_number.hpp"
#include "base/util/literal.hpp"
#include "base/util/named.hpp"

namespace notifybridge::util {
namespace {

constexpr auto signal_names = std::to_array<Literal>({
    "HUP",  "INT",  "QUIT", "ILL",    "TRAP",   "ABRT",  "BUS",  "FPE",  "KILL", "USR1", "SEGV",
    "USR2", "PIPE", "ALRM", "TERM",   "STKFLT", "CHLD",  "CONT", "STOP", "TSTP", "TTIN", "TTOU",
    "URG",  "XCPU", "XFSZ", "VTALRM", "PROF",   "WINCH", "IO",   "PWR",  "SYS",
});

// The values of SIGRTMIN and SIGRTMAX, which are not constants in glibc. The kernel's first
// realtime signal is 32, but glibc keeps the first two for itself.
constexpr int first_realtime = 34;
constexpr int last_realtime = 64;

std::optional<int> parse_realtime(std::string_view text) {
    const bool from_first = text.starts_with("RTMIN");
    if (!from_first && !text.starts_with("RTMAX"))
        return std::nullopt;
    text.remove_prefix(5);
    const int base = from_first ? first_realtime : last_realtime;
    if (text.empty())
        return base;
    if (text[0] != (from_first ? '+' : '-'))
        return std::nullopt;
    const auto offset = parse_lenient_int(text.substr(1));
    if (!offset || *offset < 0 || *offset > last_realtime - first_realtime)
        return std::nullopt;
    return from_first ? base + *offset : base - *offset;
}

}  // namespace

std::optional<int> parse_signal(std::string_view text) {
    if (const auto number = parse_lenient_int(text))
        return *number > 0 && *number <= last_realtime ? number : std::nullopt;
    if (text.starts_with("SIG"))
        text.remove_prefix(3);
    const auto place = named<int>(signal_names, text);
    return place ? *place + 1 : parse_realtime(text);
}

std::optional<int> parse_signal_in_any_case(std::string_view text) {
    std::string name(text);
    std::ranges::transform(name, name.begin(), [](char letter) {
        return letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter;
    });
    return parse_signal(name);
}

std::string signal_to_string(int signal) {
    if (signal >= 1 && signal <= static_cast<int>(signal_names.size()))
        return std::string(signal_names[static_cast<std::size_t>(signal) - 1]);
    if (signal >= first_realtime && signal <= last_realtime)
        return concat("RTMIN+", signal - first_realtime);
    return concat(signal);
}

}  // namespace notifybridge::util
