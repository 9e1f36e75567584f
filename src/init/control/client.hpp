#pragma once

#include <functional>
#include <stdexcept>
#include <string>

#include "base/system/fd.hpp"
#include "init/control/call.hpp"

namespace notifybridge::control {

/// The error that the manager refused a call with.
struct Refused : std::runtime_error {
    Refused(std::string error_name, const std::string& text)
        : runtime_error(text), error(std::move(error_name)) {}

    std::string error;  ///< The last part of systemd's D-Bus error name: "NoSuchUnit".
};

/// The `ctl` side of the control socket. It blocks until an answer arrives.
class Client {
public:
    /// `run_directory` is the manager's: "/run". Throws std::system_error if no manager answers.
    explicit Client(const std::string& run_directory);

    /// Makes a call, and calls `take` for each answer but the last. Throws Refused, or
    /// std::runtime_error if the manager ends before it answers. A connection takes one call.
    void call(const json::object& request,
              const std::function<void(const json::object&)>& take = {});

private:
    system::UniqueFd connection_;
};

/// Returns the directory of the control socket in a manager's run directory.
std::string control_directory(const std::string& run_directory);

}  // namespace notifybridge::control
