#pragma once

#include <boost/json/parse_options.hpp>
#include <string>
#include <string_view>
#include <vector>

/// Changes to the text of a JSON value, by which all that is not changed stays as it was written:
/// numbers of any length, the order of members, white space.
namespace notifybridge::runtime {

/// What is taken for JSON: a path or a variable may have any bytes.
inline constexpr boost::json::parse_options json_of_any_bytes = {.allow_invalid_utf8 = true};

/// Where the elements of an array are in its text, or the names and values of an object in turn.
/// Here and below `text` is one that Boost.JSON takes.
std::vector<std::string_view> parts_of(std::string_view text);

/// Where the value of that member of an object is in `text`: of several the last, as Boost.JSON has
/// it; empty where there is none.
std::string_view member_of(std::string_view text, std::string_view name);

/// A text that comes into the place of a part.
struct Edit {
    std::string_view part;
    std::string text;
};

/// `whole` with all edits made, whose parts are in it and do not overlap.
std::string edited(std::string_view whole, std::vector<Edit> edits);

}  // namespace notifybridge::runtime
