#pragma once

#include <boost/json/parse_options.hpp>
#include <string>
#include <string_view>
#include <vector>

/// Edits the text of a JSON value. Other parts stay as they were written, including the digits of
/// numbers, the order of members, and white space.
namespace notifybridge::runtime {

/// Accepts any bytes in strings, because a path or a variable may contain any bytes.
inline constexpr boost::json::parse_options json_of_any_bytes = {.allow_invalid_utf8 = true};

/// Returns the elements of an array, or the names and values of an object in turn, as parts of
/// `text`. All functions here require a `text` that Boost.JSON has accepted.
std::vector<std::string_view> parts_of(std::string_view text);

/// Returns the value of the member `name` as a part of `text`. If several members have this name,
/// returns the last one, as Boost.JSON does. Returns an empty view if there is none.
std::string_view member_of(std::string_view text, std::string_view name);

/// A part of a text, and its replacement.
struct Edit {
    std::string_view part;
    std::string text;
};

/// Returns `whole` with the edits applied. The parts that they replace must be in `whole`, and must
/// not overlap.
std::string edited(std::string_view whole, std::vector<Edit> edits);

}  // namespace notifybridge::runtime
