#pragma once

#include <boost/json/parse_options.hpp>
#include <string>
#include <string_view>
#include <vector>

/// Edits the text of a JSON value. Everything else stays as it was written: numbers of any length,
/// the order of members, white space.
namespace notifybridge::runtime {

/// Accepts any bytes in strings: a path or a variable may have them.
inline constexpr boost::json::parse_options json_of_any_bytes = {.allow_invalid_utf8 = true};

/// Returns the elements of an array, or the names and values of an object in turn, as parts of
/// `text`. Here and below, `text` has to be valid for Boost.JSON.
std::vector<std::string_view> parts_of(std::string_view text);

/// Returns the value of the member `name` as a part of `text`. Of several such members it returns
/// the last, as Boost.JSON does; an empty view if there is none.
std::string_view member_of(std::string_view text, std::string_view name);

/// A text that replaces a part.
struct Edit {
    std::string_view part;
    std::string text;
};

/// Applies the edits to `whole`. Their parts must lie in `whole` and not overlap.
std::string edited(std::string_view whole, std::vector<Edit> edits);

}  // namespace notifybridge::runtime
