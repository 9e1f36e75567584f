#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace notifybridge::status {

/// An access that a security module refused.
struct Denial {
    std::uint64_t usec = 0;  ///< The time of the denial, in microseconds since 1970.
    std::string text;        ///< The module's message, not escaped.

    bool operator==(const Denial&) const = default;
};

/// Returns what to do about a denial. `directory` is the absolute path of the shared directory, or
/// empty if it is not known.
std::string remedy_of(const Denial& denial, std::string_view directory);

/// Returns the last denial in `text` that concerns one of our processes, our socket, or a directory
/// with this name. `text` comes from the log of auditd(8).
std::optional<Denial> find_denial(std::string_view text, std::string_view directory_name);

/// Searches the last MiB of the machine's audit log for such a denial. Returns nullopt if the log
/// cannot be read or has no such denial.
std::optional<Denial> last_denial(std::string_view directory_name);

}  // namespace notifybridge::status
