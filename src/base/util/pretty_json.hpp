#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <string_view>

namespace notifybridge::util {

struct JsonStyle {
    std::string_view indent;  ///< Repeated for each enclosing object or array.
    std::string_view colon;   ///< Between a member's name and its value.
};

/// Returns `value` as text with each member and element on its own line, without a final line
/// break.
std::string pretty_json(const boost::json::value& value, JsonStyle style);

}  // namespace notifybridge::util
