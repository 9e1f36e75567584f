#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>

/// Finds the signal that asks a container to end: STOPSIGNAL of its image, or --stop-signal.
namespace notifybridge::runtime {

/// Returns the signal that podman and CRI-O write into config.json as an annotation. Returns
/// nullopt if there is none.
std::optional<int> annotated_stop_signal(const boost::json::object& config);

/// The largest record that is read. docker's records are smaller.
inline constexpr std::size_t most_record = 1024 * 1024;

/// Returns the path of docker's own record of the container. Returns an empty text for containers
/// of other managers. We need the record, because config.json does not contain the signal, and
/// `docker inspect` does not answer while docker starts the container. docker writes the record
/// before it calls a runtime. Finds the record by the mounts of the container: docker mounts files
/// from the same directory, such as /etc/hostname.
std::string docker_record_path(const boost::json::object& config);

/// Returns the signal in the text of docker's record. Returns nullopt if there is none.
std::optional<int> recorded_stop_signal(std::string_view record);

/// Returns the stop signal from the annotation or from docker's record. Returns nullopt if neither
/// has it.
std::optional<int> find_stop_signal(const boost::json::object& config);

}  // namespace notifybridge::runtime
