#include "base/process/proc.hpp"

#include <algorithm>

#include "base/system/file.hpp"
#include "base/util/concat.hpp"

namespace notifybridge::process {

std::string status_field(pid_t pid, std::string_view name) {
    const std::string text = system::text_of(util::concat("/proc/", pid, "/status"));
    const std::string start = util::concat('\n', name, ":\t");
    const std::size_t at = text.find(start);
    if (at == text.npos)
        return {};
    const std::size_t begin = at + start.size();
    return text.substr(begin, text.find('\n', begin) - begin);
}

std::string environ_of(pid_t pid) {
    constexpr std::size_t most = 4 * 1024 * 1024;
    return system::text_of(util::concat("/proc/", pid, "/environ"), most);
}

std::optional<std::string_view> variable_in(std::string_view environ, std::string_view name) {
    while (!environ.empty()) {
        const std::string_view entry = environ.substr(0, environ.find('\0'));
        if (entry.starts_with(name) && entry.substr(name.size()).starts_with('='))
            return entry.substr(name.size() + 1);
        environ.remove_prefix(std::min(entry.size() + 1, environ.size()));
    }
    return std::nullopt;
}

std::string variable_of(pid_t pid, std::string_view name) {
    const std::string environ = environ_of(pid);
    return std::string(variable_in(environ, name).value_or(std::string_view()));
}

}  // namespace notifybridge::process
