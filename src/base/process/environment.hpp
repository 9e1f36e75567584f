#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace notifybridge::process {

/// The variables that a command gets.
class Environment {
public:
    /// Those of this process.
    static Environment inherited();

    std::optional<std::string_view> get(std::string_view name) const;
    void set(std::string_view name, std::string_view value);
    void unset(std::string_view name);

    /// As NAME=VALUE, in the order in which they came.
    const std::vector<std::string>& entries() const { return entries_; }

private:
    std::vector<std::string>::iterator find(std::string_view name);

    std::vector<std::string> entries_;
};

/// `path`, from the root on, for a command that may change its directory; links stay as they are.
std::string absolute_path(const std::string& path);

/// The same of each of several, with ":" between them; one at the end stays there.
std::string absolute_paths(std::string_view paths);

/// A variable of this process; nothing where it is not set. An empty one counts as set.
std::optional<std::string> environment_variable(const char* name);

}  // namespace notifybridge::process
