#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/system/file.hpp"

namespace notifybridge::runtime {

/// The runtimes that are known; podman knows by these names what a runtime can do.
inline constexpr std::string_view known_runtimes[] = {"crun", "runc"};

/// PATH, or what it commonly is: who calls a runtime may set nothing at all.
std::string search_path();

/// Finds the runtime that does the work.
class RealRuntime {
public:
    /// `through` is what NOTIFYBRIDGE_RUNTIME says: which executables of ours have called each
    /// other to get here.
    RealRuntime(system::FileIdentity self, std::string_view through);

    /// The path of `wanted`, a path or a name; where it is empty, the first in `path` (as PATH has
    /// them) that is called `called_as`, or else another known runtime, and is none of us. Throws
    /// Refusal.
    std::string find(std::string_view wanted, std::string_view called_as,
                     std::string_view path) const;

    /// What NOTIFYBRIDGE_RUNTIME has to say to the one that is found.
    const std::string& through() const { return through_; }

private:
    bool has_run(system::FileIdentity executable) const;
    bool is_us(const std::string& path) const;
    std::string find_in(std::string_view path, std::string_view name) const;

    std::string through_;  ///< DEVICE:INODE of each, with "," after it.
};

}  // namespace notifybridge::runtime
