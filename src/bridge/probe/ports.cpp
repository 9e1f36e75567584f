#include "bridge/probe/ports.hpp"

#include <algorithm>

#include "base/util/concat.hpp"
#include "base/util/number.hpp"
#include "base/util/take_until.hpp"

namespace notifybridge::probe {
namespace {

/// Returns each port, or each range such as "2000-2010".
std::vector<std::string> ranges_of(const Ports& ports) {
    std::vector<std::string> ranges;
    for (auto first = ports.begin(); first != ports.end();) {
        auto last = first;
        while (last + 1 != ports.end() && *(last + 1) == *last + 1)
            ++last;
        ranges.push_back(first == last ? util::concat(*first) : util::concat(*first, '-', *last));
        first = last + 1;
    }
    return ranges;
}

}  // namespace

std::optional<Ports> parse_ports(std::string_view text) {
    Ports ports;
    while (!text.empty()) {
        std::string_view range = util::take_until(text, ',');
        const bool is_one = range.find('-') == range.npos;
        const auto first = util::parse_number<std::uint16_t>(util::take_until(range, '-'));
        const auto last = is_one ? first : util::parse_number<std::uint16_t>(range);
        if (!first || !last || *first == 0 || *first > *last)
            return std::nullopt;
        for (unsigned port = *first; port <= *last; ++port)
            ports.push_back(static_cast<std::uint16_t>(port));
    }
    std::ranges::sort(ports);
    const auto repeated = std::ranges::unique(ports);
    ports.erase(repeated.begin(), repeated.end());
    return ports.empty() ? std::nullopt : std::optional(std::move(ports));
}

std::string describe(const Ports& ports) {
    constexpr std::size_t most_ranges = 8;
    std::string text = ports.size() == 1 ? "port " : "ports ";
    std::vector<std::string> ranges = ranges_of(ports);
    if (ranges.size() > most_ranges) {
        const std::size_t more = ranges.size() - (most_ranges - 1);
        ranges.resize(most_ranges - 1);
        ranges.push_back(util::concat(more, " more"));
    }
    for (std::size_t at = 0; at < ranges.size(); ++at)
        text += util::concat(at == 0 ? "" : at + 1 == ranges.size() ? " and " : ", ", ranges[at]);
    return text;
}

}  // namespace notifybridge::probe
