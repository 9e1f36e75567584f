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

constexpr const char* default_member = "default-runtime";

json::object parse(std::string_view text) {
    if (text.find_first_not_of(" \t\r\n") == text.npos)
        return {};
    boost::system::error_code error;
    const json::value value = json::parse(text, error);
    if (error || !value.is_object())
        throw Refusal(concat("daemon.json is not a JSON object",
                             error ? concat(" (", error.message(), ')') : "",
                             "; dockerd does not accept it either: fix it first"));
    return value.get_object();
}

std::string print(const json::object& settings) {
    return util::pretty_json(settings, {"  ", ": "}) + '\n';
}

json::object* runtimes_of(json::object& settings) {
    json::value* const runtimes = settings.if_contains("runtimes");
    return runtimes ? runtimes->if_object() : nullptr;
}

/// Returns the real runtime that a container would have without us. This is the default runtime if
/// it is a program without arguments, otherwise runc, which docker includes.
std::string usual_runtime(const json::object& settings) {
    const json::value all = settings;
    const std::string name = text_at(all, concat('/', default_member));
    boost::system::error_code error;
    const json::value* const words =
        all.find_pointer(concat("/runtimes/", name, "/runtimeArgs"), error);
    const bool is_plain = !words || (words->is_array() && words->get_array().empty());
    const std::string path = text_at(all, concat("/runtimes/", name, "/path"));
    return name != docker_runtime && is_plain && !path.empty() ? path : "runc";
}

/// Returns the arguments of our runtime. Keeps existing arguments, because they may name another
/// real runtime.
json::value words_for_us(const json::object& settings) {
    boost::system::error_code error;
    const json::value all = settings;
    const std::string words = concat("/runtimes/", docker_runtime, "/runtimeArgs");
    if (text_at(all, words + "/0") == "runtime")
        return *all.find_pointer(words, error);
    return json::array{"runtime", json::string("--runtime=" + usual_runtime(settings))};
}

}  // namespace

std::string_view configure_command(DockerOwner owner) {
    return owner == DockerOwner::user
               ? "`notifybridge runtime --configure=docker && systemctl --user reload docker`"
               : "`notifybridge runtime --configure=docker && systemctl reload docker`";
}

std::string_view reload_command(DockerOwner owner) {
    return owner == DockerOwner::user ? "`systemctl --user reload docker`"
                                      : "`systemctl reload docker`";
}

std::string configure_docker(std::string_view text, std::string_view executable) {
    json::object settings = parse(text);
    if (!runtimes_of(settings))
        settings["runtimes"] = json::object();
    const json::value words = words_for_us(settings);
    (*runtimes_of(settings))[docker_runtime] = {{"path", executable}, {"runtimeArgs", words}};
    return print(settings);
}

std::string unconfigure_docker(std::string_view text) {
    json::object settings = parse(text);
    if (text_at(settings, concat('/', default_member)) == docker_runtime)
        settings.erase(default_member);
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
