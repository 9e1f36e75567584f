#include "bridge/runtime/podman_settings.hpp"

#include <unistd.h>

#include <algorithm>

#include "base/system/file.hpp"
#include "base/util/concat.hpp"
#include "base/util/take_until.hpp"
#include "base/util/words.hpp"

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

/// Takes a TOML value from the front of `text`: a string, or an array of strings.
std::vector<std::string> take_strings(std::string_view& text) {
    std::vector<std::string> strings;
    const bool is_array = text.starts_with('[');
    while (!text.empty()) {
        const char byte = text.front();
        if (byte == '"' || byte == '\'') {
            text.remove_prefix(1);
            strings.emplace_back(util::take_until(text, byte));
        } else if (byte == '#' && is_array) {
            util::take_until(text, '\n');
        } else if (byte == ']' || (byte == '\n' && !is_array)) {
            break;
        } else {
            text.remove_prefix(1);
        }
        if (!is_array && !strings.empty())
            break;
    }
    return strings;
}

}  // namespace

void read_settings(std::string_view text, PodmanSettings& settings) {
    bool is_engine = false;
    while (!text.empty()) {
        const std::string_view line = util::strip(text.substr(0, text.find('\n')));
        const std::size_t equals = line.find('=');
        if (line.starts_with('['))
            is_engine = line.starts_with("[engine]");
        if (!is_engine || line.starts_with('#') || equals == line.npos) {
            util::take_until(text, '\n');
            continue;
        }
        const std::string_view key = util::strip(line.substr(0, equals));
        util::take_until(text, '=');
        text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
        std::vector<std::string> strings = take_strings(text);
        util::take_until(text, '\n');
        if (key == "runtime" && !strings.empty())
            settings.runtime = strings.front();
        else if (key == "hooks_dir")
            settings.hook_directories = std::move(strings);
    }
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
