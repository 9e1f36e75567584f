#include "bridge/runtime/docker_setup.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <optional>

#include "base/util/concat.hpp"
#include "base/util/pretty_json.hpp"
#include "bridge/runtime/refusal.hpp"

namespace notifybridge::runtime {
namespace {

namespace json = boost::json;

json::object parse(std::string_view text) {
    if (text.find_first_not_of(" \t\r\n") == text.npos)
        return {};
    boost::system::error_code error;
    const json::value value = json::parse(text, error);
    if (error || !value.is_object())
        throw Refusal(util::concat("daemon.json is no JSON object",
                                   error ? util::concat(" (", error.message(), ')') : "",
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

/// What the settings have for our runtime. What cannot be read has nothing.
std::optional<json::value> our_runtime(std::string_view text) {
    boost::system::error_code error;
    json::value value = json::parse(text, error);
    json::object* const settings = error ? nullptr : value.if_object();
    json::object* const runtimes = settings ? runtimes_of(*settings) : nullptr;
    const json::value* const ours = runtimes ? runtimes->if_contains(docker_runtime) : nullptr;
    return ours ? std::optional(*ours) : std::nullopt;
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
    return our_runtime(text).has_value();
}

std::string docker_runtime_path(std::string_view text) {
    const auto runtime = our_runtime(text);
    const json::object* const fields = runtime ? runtime->if_object() : nullptr;
    const json::value* const path = fields ? fields->if_contains("path") : nullptr;
    return path && path->is_string() ? std::string(path->get_string()) : std::string();
}

}  // namespace notifybridge::runtime
