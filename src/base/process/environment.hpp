#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace notifybridge::process {

/// The environment variables of a command.
class Environment {
public:
    /// Returns the variables of this process.
    static Environment inherited();

    std::optional<std::string_view> get(std::string_view name) const;
    void set(std::string_view name, std::string_view value);
    void unset(std::string_view name);

    /// Returns the entries as NAME=VALUE, in their original order.
    const std::vector<std::string>& entries() const { return entries_; }

private:
    std::vector<std::string>::iterator find(std::string_view name);

    std::vector<std::string> entries_;
};

/// Returns `path` as an absolute and simple path (see util::simplify_path), because the command may
/// change its working directory. Does not resolve symbolic links.
std::string absolute_path(const std::string& path);

/// Makes each path in `paths` absolute, like `absolute_path`. The paths are separated by ":". Keeps
/// a ":" at the end.
std::string absolute_paths(std::string_view paths);

/// Returns the value of a variable of this process, which may be empty. Returns nullopt if the
/// variable is not set.
std::optional<std::string> environment_variable(const char* name);

}  // namespace notifybridge::process
