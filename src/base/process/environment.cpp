#include "base/process/environment.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "base/util/concat.hpp"
#include "base/util/simplify_path.hpp"

namespace notifybridge::process {
namespace {

bool is_entry_of(std::string_view entry, std::string_view name) {
    return entry.size() > name.size() && entry[name.size()] == '=' && entry.starts_with(name);
}

}  // namespace

Environment Environment::inherited() {
    Environment environment;
    for (char** entry = environ; entry && *entry; ++entry)
        environment.entries_.emplace_back(*entry);
    return environment;
}

std::vector<std::string>::iterator Environment::find(std::string_view name) {
    return std::ranges::find_if(entries_,
                                [&](const std::string& entry) { return is_entry_of(entry, name); });
}

std::optional<std::string_view> Environment::get(std::string_view name) const {
    for (const std::string& entry : entries_)
        if (is_entry_of(entry, name))
            return std::string_view(entry).substr(name.size() + 1);
    return std::nullopt;
}

/// Sets the variable, and removes its duplicates. Programs read duplicates differently: getenv(3)
/// returns the first entry, a shell the last.
void Environment::set(std::string_view name, std::string_view value) {
    std::string entry = util::concat(name, '=', value);
    const auto at = find(name);
    if (at == entries_.end()) {
        entries_.push_back(std::move(entry));
        return;
    }
    *at = std::move(entry);
    const auto is_named = [&](const std::string& other) { return is_entry_of(other, name); };
    entries_.erase(std::remove_if(at + 1, entries_.end(), is_named), entries_.end());
}

void Environment::unset(std::string_view name) {
    std::erase_if(entries_, [&](const std::string& entry) { return is_entry_of(entry, name); });
}

std::string absolute_path(const std::string& path) {
    return path.empty() ? path : util::simplify_path(std::filesystem::absolute(path).string());
}

std::string absolute_paths(std::string_view paths) {
    std::string out;
    while (!paths.empty()) {
        const std::size_t colon = std::min(paths.find(':'), paths.size());
        out += absolute_path(std::string(paths.substr(0, colon)));
        paths.remove_prefix(colon);
        if (!paths.empty()) {
            out += ':';
            paths.remove_prefix(1);
        }
    }
    return out;
}

std::optional<std::string> environment_variable(const char* name) {
    const char* const value = std::getenv(name);
    return value ? std::optional<std::string>(value) : std::nullopt;
}

}  // namespace notifybridge::process
