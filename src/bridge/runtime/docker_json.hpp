#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <string_view>

/// Reads JSON that docker or podman has written. A text that is not JSON counts as empty.
namespace notifybridge::runtime {

/// Parses `text`. Returns null if `text` is not JSON.
boost::json::value read_docker_json(std::string_view text);

/// Returns the string at a JSON pointer (RFC 6901). Returns an empty text if there is no string.
std::string text_at(const boost::json::value& value, std::string_view pointer);

}  // namespace notifybridge::runtime
