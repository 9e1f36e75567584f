#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/system/file.hpp"
#include "bridge/runtime/manager_command.hpp"

namespace notifybridge::runtime {

/// The known runtimes. podman uses the name of a runtime to find out what the runtime can do.
inline constexpr std::string_view known_runtimes[] = {"crun", "runc"};

/// Returns PATH. If the runtime's caller has not set PATH, returns the usual value.
std::string search_path();

/// Finds the real runtime, which creates the container.
class RealRuntime {
public:
    /// `through` is the value of NOTIFYBRIDGE_RUNTIME. This value names those of our executables
    /// that have called each other so far. Throws Refusal if `self` is one of them.
    RealRuntime(system::FileIdentity self, std::string_view through);

    /// Returns the path of `wanted`, which is a path or a name. If `wanted` is empty, returns the
    /// first program with the name `called_as`, or else a known runtime. Looks for names in `path`
    /// (in the format of PATH), and then where podman looks for its runtimes. Never returns one of
    /// our own executables. Throws Refusal if there is no such program.
    std::string find(std::string_view wanted, std::string_view called_as, std::string_view path,
                     Variables variables) const;

    /// Returns the value of NOTIFYBRIDGE_RUNTIME for the real runtime.
    const std::string& through() const { return through_; }

private:
    bool has_run(system::FileIdentity executable) const;
    bool is_us(const std::string& path) const;
    bool is_usable(const std::string& candidate) const;
    std::string find_in(std::string_view path, std::string_view name) const;
    std::string find_as_podman(std::string_view name, Variables variables) const;

    std::string through_;  ///< DEVICE:INODE of each of our executables, each followed by ",".
};

}  // namespace notifybridge::runtime
