#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <string_view>

namespace notifybridge::util {

struct JsonStyle {
    std::string_view indent;  ///< Once more for each object or array around.
    std::string_view colon;   ///< Between a name and its member.
};

/// A value with what is in an object or an array on lines of their own. No line break is at the
/// end.
std::string pretty_json(const boost::json::value& value, JsonStyle style);

}  // namespace notifybridge::util
