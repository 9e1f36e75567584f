#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <string_view>

namespace notifybridge::util {

struct JsonStyle {
    std::string_view indent;  ///< The indentation of a line, once per enclosing object or array.
    std::string_view colon;   ///< The text between a member's name and its value.
};

/// Returns `value` as text. Each member and element is on its own line, and the last line has no
/// line break.
std::string pretty_json(const boost::json::value& value, JsonStyle style);

}  // namespace notifybridge::util
