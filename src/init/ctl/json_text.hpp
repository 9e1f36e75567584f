#pragma once

#include <boost/json/value.hpp>
#include <string>

namespace notifybridge::ctl {

/// A value as --output=json has it, on one line, or as json-pretty does: with what is in an object
/// or an array on lines of their own, a tab further right each time. A line break is at the end.
std::string json_text(const boost::json::value& value, bool is_pretty);

}  // namespace notifybridge::ctl
