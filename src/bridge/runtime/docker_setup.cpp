#include "bridge/runtime/docker_setup.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include "base/util/concat.hpp"
#include "base/util/pretty_json.hpp"
#include "bridge/runtime/docker_json.hpp"
#include "bridge/runtime/refusal.hpp"

namespace notifybridge::runtime {
namespace {

namespace json = boost::json;
using util::concat;

json::object parse(std::string_view text) {
    if (text.find_first_not_of(" \t\r\n") == text.npos)
        return {};
    boost::system::error_code error;
    const json::value value = json::parse(text, error);
    if (error || !value.is_object())
        throw Refusal(concat("daemon.json is no JSON object",
                             error ? concat(" (", error.message(), ')') : "",
                             "; dockerd does not take it either: mend it first"));
    return value.get_object();
}

std::string print(const json::object& settings) {
    return util::pretty_json(settings, {"  ", ": "}) + '\n';
}

json::object* runtimes_of(json::object& settings) {
    json::value* const runtimes = settings.if_contains("runtimes");
    return runtimes ? runtimes->if_object() : nullptr;
}

}  // namespace

std::string configure_docker(std::string_view text, std::string_view executable) {
    json::object settings = parse(text);
    if (!runtimes_of(settings))
        settings["runtimes"] = json::object();
    // docker brings runc along, which is also what it has without us.
    (*runtimes_of(settings))[docker_runtime] = {
        {"path", executable}, {"runtimeArgs", json::array{"runtime", "--runtime=runc"}}};
    return print(settings);
}

std::string unconfigure_docker(std::string_view text) {
    json::object settings = parse(text);
    json::object* const runtimes = runtimes_of(settings);
    if (runtimes && runtimes->erase(docker_runtime) > 0 && runtimes->empty())
        settings.erase("runtimes");
    return settings.empty() ? std::string() : print(settings);
}

bool docker_is_configured(std::string_view text) {
    boost::system::error_code error;
    return read_docker_json(text).find_pointer(concat("/runtimes/", docker_runtime), error);
}

std::string docker_runtime_path(std::string_view text) {
    return text_at(read_docker_json(text), concat("/runtimes/", docker_runtime, "/path"));
}

}  // namespace notifybridge::runtime
