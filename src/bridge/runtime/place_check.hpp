#pragma once

#include <boost/json/object.hpp>
#include <string>

namespace notifybridge::runtime {

/// Throws Refusal if a directory of the image or a volume is at the path where our executable must
/// be mounted. Without this check, the real runtime would only report "Not a directory". `bundle`
/// is empty if it is not known.
void check_executable_place(const boost::json::object& config, const std::string& bundle);

}  // namespace notifybridge::runtime
