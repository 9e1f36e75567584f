#include "bridge/runtime/docker_context.hpp"

#include "base/system/file.hpp"
#include "base/util/concat.hpp"
#include "bridge/runtime/docker_json.hpp"

namespace notifybridge::runtime {
namespace {

using util::concat;

boost::json::value read_json(const std::string& path) {
    constexpr std::size_t most = 1024 * 1024;
    return read_docker_json(system::text_of(path, most));
}

}  // namespace

std::string address_of_context(const std::string& directory, std::string_view name) {
    const std::string wanted =
        name.empty() ? text_at(read_json(concat(directory, "/config.json")), "/currentContext")
                     : std::string(name);
    if (wanted.empty() || wanted == "default")
        return {};
    // The directories have checksums as names, so search the files for the context's name.
    const std::string all = concat(directory, "/contexts/meta");
    const auto entries = system::list_directory(all);
    if (!entries)
        return {};
    for (const system::DirectoryEntry& entry : *entries) {
        const auto context = read_json(concat(all, '/', entry.name, "/meta.json"));
        if (text_at(context, "/Name") == wanted)
            return text_at(context, "/Endpoints/docker/Host");
    }
    return {};
}

std::string docker_files(Variables variables) {
    const std::string directory = variables("DOCKER_CONFIG");
    return directory.empty() ? concat(variables("HOME"), "/.docker") : directory;
}

std::string docker_address(Variables variables) {
    const std::string address = variables("DOCKER_HOST");
    return address.empty()
               ? address_of_context(docker_files(variables), variables("DOCKER_CONTEXT"))
               : address;
}

std::string docker_socket(const ManagerCommand& command, Variables variables) {
    constexpr std::string_view scheme = "unix://";
    std::string address = command.host;
    if (address.empty() && command.context && !command.context->empty())
        address = address_of_context(
            command.config.empty() ? docker_files(variables) : command.config, *command.context);
    else if (address.empty())
        address = docker_address(variables);
    if (address.empty())
        address = "unix:///var/run/docker.sock";
    return address.starts_with(scheme) ? address.substr(scheme.size()) : std::string();
}

DockerOwner docker_owner(std::string_view address) {
    return address.starts_with("unix:///run/user/") ? DockerOwner::user : DockerOwner::machine;
}

}  // namespace notifybridge::runtime
