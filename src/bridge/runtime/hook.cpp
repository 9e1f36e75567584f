#include "bridge/runtime/hook.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace notifybridge::runtime {

namespace json = boost::json;

std::string hook_text(std::string_view executable) {
    const json::object hook = {{"version", "1.0.0"},
                               {"hook",
                                {{"path", executable},
                                 {"args", json::array{"notifybridge", "runtime", "--filter"}},
                                 {"timeout", 30}}},
                               {"when", {{"always", true}}},
                               {"stages", json::array{"precreate"}}};
    return json::serialize(hook) + '\n';
}

std::string program_of_hook(std::string_view text) {
    boost::system::error_code error;
    const json::value value = json::parse(text, error);
    if (error)
        return {};
    const json::value* const path = value.find_pointer("/hook/path", error);
    return path && path->is_string() ? std::string(path->get_string()) : std::string();
}

}  // namespace notifybridge::runtime
