#include "bridge/runtime/docker_json.hpp"

#include <boost/json/parse.hpp>

namespace notifybridge::runtime {

boost::json::value read_docker_json(std::string_view text) {
    boost::system::error_code error;
    boost::json::value value = boost::json::parse(text, error);
    return error ? boost::json::value() : value;
}

std::string text_at(const boost::json::value& value, std::string_view pointer) {
    boost::system::error_code error;
    const boost::json::value* const at = value.find_pointer(pointer, error);
    return at && at->is_string() ? std::string(at->get_string()) : std::string();
}

}  // namespace notifybridge::runtime
