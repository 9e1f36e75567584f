#include <algorithm>
#include <cctype>

#include "base/util/concat.hpp"
#include "base/util/contains.hpp"
#include "base/util/escape.hpp"
#include "init/files/calendar/event.hpp"
#include "init/files/calendar/zones.hpp"

namespace notifybridge::calendar {
namespace {

/// Guesses whether the user meant `word` as the name of a time zone. Returns true for
/// "Europe/Berlin" and "CET", and false for "PM" and "Mon".
bool looks_like_zone(std::string_view word) {
    if (!is_zone_name(word) || std::isdigit(static_cast<unsigned char>(word.front()))
        || parse(word))
        return false;
    constexpr std::size_t shortest_abbreviation = 3;
    const auto is_of_abbreviation = [](char letter) {
        return std::islower(static_cast<unsigned char>(letter)) == 0;
    };
    return util::contains(word, '/')
           || (word.size() >= shortest_abbreviation
               && std::ranges::all_of(word, is_of_abbreviation));
}

}  // namespace

std::string explain_unknown_zone(std::string_view text) {
    const std::size_t blank = text.rfind(' ');
    if (blank == text.npos)
        return {};
    const std::string_view word = text.substr(blank + 1);
    if (!looks_like_zone(word) || zone_exists(word) || !parse(text.substr(0, blank)))
        return {};
    return util::concat("the time zone ", util::quote(word),
                        " is not in /usr/share/zoneinfo; check its name, and whether the package "
                        "tzdata is installed");
}

}  // namespace notifybridge::calendar
