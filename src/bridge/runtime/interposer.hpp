#pragma once

#include <boost/json/object.hpp>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/runtime/container_config.hpp"
#include "bridge/runtime/find_health_check.hpp"

namespace notifybridge::runtime {

/// The OCI runtime that a container manager calls in place of the real runtime. Puts `wrap` in
/// front of the command of each container that asks for `wrap`, and then calls the real runtime.
class Interposer {
public:
    /// crun and runc exit with this status for failures.
    static constexpr int failure_status = 1;

    /// Checks options of `wrap`. Throws cli::UsageError if an option is not valid.
    using CheckOptions = std::function<void(std::vector<std::string> options)>;

    explicit Interposer(CheckOptions check_options) : check_options_(std::move(check_options)) {}

    /// Handles a call for the real runtime, and then becomes that runtime. The real runtime is
    /// `wanted` if that is set. Otherwise it is the program `called_as`, or else crun or runc
    /// (`RealRuntime::find`). If this fails, returns the exit status.
    int run_call(std::string_view called_as, std::string_view wanted,
                 std::span<const std::string> arguments) const;

    /// Reads a config.json from standard input and prints the new text, as a hook of podman's stage
    /// "precreate". Returns the exit status.
    int run_hook() const;

private:
    /// Facts about a container that its config.json does not contain.
    struct Caller {
        std::string bundle;          ///< The bundle; empty if it is not known.
        bool passes_socket = false;  ///< The parameter of find_request().
        std::string watchdog;        ///< The WATCHDOG_USEC of podman's unit; may be empty.
        Podman podman;
    };

    std::string changed(std::string_view text, const boost::json::object& config,
                        const Caller& caller) const;
    std::vector<std::string> health_check(const boost::json::object& config, const Caller& caller,
                                          const Wish& wish) const;
    void check_options(const Wish& wish) const;
    void run_filter() const;
    std::string filtered(std::string_view text) const;

    CheckOptions check_options_;
};

}  // namespace notifybridge::runtime
