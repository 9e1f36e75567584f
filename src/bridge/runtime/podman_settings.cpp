#include "bridge/runtime/podman_settings.hpp"

#include <unistd.h>

#include "base/system/file.hpp"
#include "base/util/concat.hpp"
#include "base/util/take_until.hpp"

namespace notifybridge::runtime {
namespace {

using util::concat;

/// The file of a directory, and those of the directory beside it, of which the last name counts.
void read_place(const char* place, std::string& runtime) {
    const std::string path = concat(place, "/containers/containers.conf");
    read_settings(system::text_of(path), runtime);
    const auto entries = system::list_directory(path + ".d");
    std::string last;
    for (std::size_t at = 0; entries && at < entries->size(); ++at) {
        const std::string& name = (*entries)[at].name;
        std::string here;
        if (name.ends_with(".conf") && name > last)
            read_settings(system::text_of(concat(path, ".d/", name)), here);
        if (!here.empty()) {
            runtime = here;
            last = name;
        }
    }
}

}  // namespace

void read_settings(std::string_view text, std::string& runtime) {
    constexpr std::string_view name = "runtime";
    bool is_engine = false;
    while (!text.empty()) {
        std::string_view line = util::take_until(text, '\n');
        while (line.starts_with(' ') || line.starts_with('\t'))
            line.remove_prefix(1);
        if (line.starts_with('['))
            is_engine = line.starts_with("[engine]");
        const std::string_view key = util::take_until(line, '=');
        const std::size_t quote = line.find_first_of("\"'");
        if (!is_engine || !key.starts_with(name) || quote == line.npos
            || key.find_first_not_of(" \t", name.size()) != key.npos)
            continue;
        const char end = line[quote];
        line.remove_prefix(quote + 1);
        runtime = util::take_until(line, end);
    }
}

std::string podman_runtime(const Variables& variables) {
    std::string runtime;
    if (const std::string file = variables("CONTAINERS_CONF"); !file.empty()) {
        read_settings(system::text_of(file), runtime);
        return runtime;
    }
    std::string own = variables("XDG_CONFIG_HOME");
    if (own.empty())
        own = variables("HOME") + "/.config";
    read_place("/usr/share", runtime);
    read_place("/etc", runtime);
    if (::geteuid() != 0)
        read_place(own.c_str(), runtime);
    return runtime;
}

}  // namespace notifybridge::runtime
