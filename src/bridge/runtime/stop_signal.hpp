#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>

/// The signal that asks a container to end: STOPSIGNAL of its image, or --stop-signal.
namespace notifybridge::runtime {

/// Returns the signal that podman and CRI-O write into config.json as an annotation.
std::optional<int> annotated_stop_signal(const boost::json::object& config);

/// The largest record that is read; docker's are smaller.
inline constexpr std::size_t most_record = 1024 * 1024;

/// Returns the path of docker's own record of the container, which docker writes before it calls a
/// runtime. config.json does not have the signal, and docker does not answer `docker inspect` while
/// it starts the container. The path is found by the directory whose files docker mounts at
/// /etc/hostname and the like. Returns an empty string for a container that is not docker's.
std::string docker_record_path(const boost::json::object& config);

/// Returns the signal in the text of such a record.
std::optional<int> recorded_stop_signal(std::string_view record);

/// Returns the stop signal found in one of these ways, or nullopt. Reads docker's record.
std::optional<int> find_stop_signal(const boost::json::object& config);

}  // namespace notifybridge::runtime
