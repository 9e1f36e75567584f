#pragma once

#include <string>
#include <string_view>

namespace notifybridge::runtime {

/// The service that a process with this /proc/PID/cgroup is of; empty where it is of none.
std::string_view service_of(std::string_view cgroups);

/// What the two below are called: a service's, and one for this process with X for what is random.
std::string service_place(const std::string& above, std::string_view service);
std::string temporary_place(const std::string& above);

/// A directory for what a `run` needs beside its command, which nobody else enters: the same for
/// each start of a service, so that a run is resumed, below `above`/notifybridge.
std::string make_service_place(const std::string& above, std::string_view service);

/// The same for this process only: it goes with it, however that ends. `above` is a directory that
/// others may write to.
std::string make_temporary_place(const std::string& above);

}  // namespace notifybridge::runtime
