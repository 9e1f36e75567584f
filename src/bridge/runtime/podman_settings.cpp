#include "bridge/runtime/podman_settings.hpp"

#include <unistd.h>

#include <algorithm>

#include "base/system/file.hpp"
#include "base/util/concat.hpp"
#include "bridge/runtime/toml.hpp"

namespace notifybridge::runtime {
namespace {

using util::concat;

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

}  // namespace

void read_settings(std::string_view text, PodmanSettings& settings) {
    read_toml(text, [&](TomlSetting& setting) {
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
    if (const std::string file = variables("CONTAINERS_CONF"); !file.empty()) {
        read_settings(system::text_of(file), settings);
        return settings;
    }
    std::string own = variables("XDG_CONFIG_HOME");
    if (own.empty())
        own = variables("HOME") + "/.config";
    read_place("/usr/share", settings);
    read_place("/etc", settings);
    if (::geteuid() != 0)
        read_place(own, settings);
    return settings;
}

}  // namespace notifybridge::runtime
