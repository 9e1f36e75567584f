#pragma once

#include <cstdint>
#include <string>
#include <string_view>

/// The objects that have a path on the bus (org.freedesktop.systemd1(5)).
namespace notifybridge::dbus {

inline constexpr std::string_view manager_path = "/org/freedesktop/systemd1";

struct Object {
    enum class Kind {
        none,
        parent,  ///< An object that only has children.
        manager,
        unit,
        job,
    };

    Kind kind = Kind::none;
    std::string unit;       ///< The name of the unit.
    std::uint64_t job = 0;  ///< The id of the job.
};

/// Returns the object at `path`. Does not check that the unit or the job exists.
Object parse_path(std::string_view path);

std::string job_path(std::uint64_t id);

}  // namespace notifybridge::dbus
