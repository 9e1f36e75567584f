#include "bridge/runtime/podman_settings.hpp"

#include <unistd.h>

#include <algorithm>

#include "base/system/file.hpp"
#include "base/util/concat.hpp"
#include "bridge/runtime/toml.hpp"

namespace notifybridge::runtime {
namespace {

using util::concat;

/// The directories where podman looks for a runtime that no containers.conf names.
constexpr std::string_view usual_directories[] = {
    "/usr/bin",
    "/usr/sbin",
    "/usr/local/bin",
    "/usr/local/sbin",
    "/sbin",
    "/bin",
    "/run/current-system/sw/bin",
};

/// Reads containers.conf below the directory `place`, and then the files in containers.conf.d, in
/// the order of their names.
void read_place(const std::string& place, PodmanSettings& settings) {
    const std::string path = concat(place, "/containers/containers.conf");
    read_settings(system::text_of(path), settings);
    std::vector<std::string> names;
    if (const auto entries = system::list_directory(path + ".d"))
        for (const system::DirectoryEntry& entry : *entries)
            if (entry.name.ends_with(".conf"))
                names.push_back(entry.name);
    std::ranges::sort(names);
    for (const std::string& name : names)
        read_settings(system::text_of(concat(path, ".d/", name)), settings);
}

/// Returns whether a user runs podman, who may be root in podman's user namespace.
bool is_rootless(Variables variables) {
    return ::geteuid() != 0 || !variables("_CONTAINERS_USERNS_CONFIGURED").empty();
}

/// Reads the settings in all the usual places.
void read_places(Variables variables, PodmanSettings& settings) {
    std::string own = variables("XDG_CONFIG_HOME");
    if (own.empty())
        own = variables("HOME") + "/.config";
    read_place("/usr/share", settings);
    read_place("/etc", settings);
    if (is_rootless(variables))
        read_place(own, settings);
}

}  // namespace

void read_settings(std::string_view text, PodmanSettings& settings) {
    read_toml(text, [&](TomlSetting& setting) {
        if (setting.section == "engine.runtimes")
            settings.runtimes[std::string(setting.key)] = std::move(setting.strings);
        if (setting.section != "engine")
            return;
        if (setting.key == "runtime" && !setting.strings.empty())
            settings.runtime = setting.strings.front();
        else if (setting.key == "hooks_dir")
            settings.hook_directories = std::move(setting.strings);
    });
}

PodmanSettings read_podman_settings(Variables variables) {
    PodmanSettings settings;
    if (const std::string file = variables("CONTAINERS_CONF"); !file.empty())
        read_settings(system::text_of(file), settings);
    else
        read_places(variables, settings);
    if (const std::string file = variables("CONTAINERS_CONF_OVERRIDE"); !file.empty())
        read_settings(system::text_of(file), settings);
    return settings;
}

std::vector<std::string> runtime_paths(const PodmanSettings& settings, std::string_view name) {
    if (const auto found = settings.runtimes.find(name); found != settings.runtimes.end())
        return found->second;
    std::vector<std::string> paths;
    for (const std::string_view directory : usual_directories)
        paths.push_back(concat(directory, '/', name));
    return paths;
}

}  // namespace notifybridge::runtime
