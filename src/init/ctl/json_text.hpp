#pragma once

#include <boost/json/value.hpp>
#include <string>

namespace notifybridge::ctl {

/// Returns a value for --output=json on one line. For json-pretty, puts each member on its own
/// line, indented with tabs. The text ends with a newline.
std::string json_text(const boost::json::value& value, bool is_pretty);

}  // namespace notifybridge::ctl
