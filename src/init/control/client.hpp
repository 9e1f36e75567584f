#pragma once

#include <functional>
#include <stdexcept>
#include <string>

#include "base/system/fd.hpp"
#include "init/control/call.hpp"

namespace notifybridge::control {

/// What the manager refused.
struct Refused : std::runtime_error {
    Refused(std::string error_name, const std::string& text)
        : runtime_error(text), error(std::move(error_name)) {}

    std::string error;  ///< The last part of systemd's D-Bus error name: "NoSuchUnit".
};

/// `ctl`'s side of the control socket. It waits for its answers.
class Client {
public:
    /// `run_directory` is the manager's: "/run". Throws std::system_error where no manager answers.
    explicit Client(const std::string& run_directory);

    /// Makes a call, and calls `take` for each answer but the last. Throws Refused, and
    /// std::runtime_error where the manager ends before it answered. One call a connection.
    void call(const json::object& request,
              const std::function<void(const json::object&)>& take = {});

private:
    system::UniqueFd connection_;
};

/// The directory of the control socket in a manager's run directory.
std::string control_directory(const std::string& run_directory);

}  // namespace notifybridge::control
