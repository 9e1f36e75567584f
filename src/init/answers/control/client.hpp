#pragma once

#include <stdexcept>
#include <string>

#include "base/system/fd.hpp"
#include "base/util/function_ref.hpp"
#include "init/answers/control/call.hpp"

namespace notifybridge::control {

/// An exception that reports that the manager refused a call.
struct Refused : std::runtime_error {
    Refused(std::string error_name, const std::string& text)
        : runtime_error(text), error(std::move(error_name)) {}

    std::string error;  ///< The last part of systemd's D-Bus error name: "NoSuchUnit".
};

/// An exception that reports that the manager ended, or closed the connection, before it answered.
struct Ended : std::runtime_error {
    using runtime_error::runtime_error;
};

/// The `ctl` side of the control socket. Its functions block until an answer arrives.
class Client {
public:
    /// Connects to the manager whose run directory is `run_directory`, such as "/run". Throws
    /// std::system_error if no manager answers.
    explicit Client(const std::string& run_directory);

    /// Sends a call, and passes each answer except the last to `take`. Throws Refused if the
    /// manager refuses the call. Throws Ended if the manager ends before the last
    /// answer. A client can make only one call.
    void call(const json::object& request, util::FunctionRef<void(const json::object&)> take = {});

private:
    system::UniqueFd connection_;
};

/// Returns the directory of the control socket in a manager's run directory.
std::string control_directory(const std::string& run_directory);

}  // namespace notifybridge::control
