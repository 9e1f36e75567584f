#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <string_view>

/// What docker's own files say, where only the asking is wanted: what cannot be read says nothing.
namespace notifybridge::runtime {

/// The value of a file's text; null where it is no JSON.
boost::json::value read_docker_json(std::string_view text);

/// The text at a pointer (RFC 6901); empty where there is none.
std::string text_at(const boost::json::value& value, std::string_view pointer);

}  // namespace notifybridge::runtime
