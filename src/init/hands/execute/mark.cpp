#include "init/hands/execute/mark.hpp"

#include <algorithm>
#include <limits>

#include "base/system/file.hpp"
#include "base/util/concat.hpp"
#include "base/util/number.hpp"
#include "base/util/take_until.hpp"

namespace notifybridge::execute {
namespace {

/// The highest limit in a mark. It is far above all values that people set, but below
/// RLIM_INFINITY.
constexpr rlim_t highest_limit = rlim_t{1} << 62;
constexpr rlim_t mark_count = rlim_t{std::numeric_limits<Marks::Number>::max()} + 1;

std::string_view take_word(std::string_view& line) {
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    return util::take_until(line, ' ');
}

/// Returns the hard limit of a line such as "Max file locks  SOFT  HARD  locks".
std::optional<rlim_t> hard_limit(std::string_view limits, std::string_view name) {
    while (!limits.empty()) {
        std::string_view line = util::take_until(limits, '\n');
        if (!line.starts_with(name))
            continue;
        line.remove_prefix(name.size());
        take_word(line);
        const std::string_view hard = take_word(line);
        return hard == "unlimited" ? RLIM_INFINITY : util::parse_number<rlim_t>(hard);
    }
    return std::nullopt;
}

}  // namespace

std::optional<Mark> parse_mark(std::string_view limits) {
    const auto locks = hard_limit(limits, "Max file locks ");
    const auto resident_set = hard_limit(limits, "Max resident set ");
    if (!locks || !resident_set)
        return std::nullopt;
    return Mark{*locks, *resident_set};
}

std::optional<Mark> mark_of(pid_t pid) {
    return parse_mark(system::text_of(util::concat("/proc/", pid, "/limits")));
}

std::optional<Marks> Marks::below_our_own() {
    const auto own = parse_mark(system::text_of("/proc/self/limits"));
    return own ? below(*own) : std::nullopt;
}

std::optional<Marks> Marks::below(const Mark& own) {
    const Mark highest{std::min(own.locks, highest_limit),
                       std::min(own.resident_set, highest_limit)};
    const bool has_room = std::min(highest.locks, highest.resident_set) >= 2 * mark_count;
    return has_room ? std::optional(Marks(highest)) : std::nullopt;
}

Mark Marks::mark(Number number) const {
    return {highest_.locks - mark_count + number, highest_.resident_set - 1 - number};
}

std::optional<Marks::Number> Marks::number(const Mark& mark) const {
    const rlim_t number = mark.locks - (highest_.locks - mark_count);
    if (number >= mark_count || mark.resident_set != highest_.resident_set - 1 - number)
        return std::nullopt;
    return static_cast<Number>(number);
}

}  // namespace notifybridge::execute
