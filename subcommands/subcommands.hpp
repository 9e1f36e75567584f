#pragma once

#include <string_view>

#include "base/cli/dispatch.hpp"

/// The subcommands of the executable. Each has its own file.
namespace notifybridge {

/// The release that systemctl and systemd print for --version, with the package in brackets. Our
/// programs with these names also print this line, because deb-systemd-invoke(1) reads it.
inline constexpr std::string_view systemd_release = "systemd 252 (notifybridge)";

extern const cli::Subcommand wrap_subcommand;
extern const cli::Subcommand wait_subcommand;
extern const cli::Subcommand run_subcommand;
extern const cli::Subcommand runtime_subcommand;
extern const cli::Subcommand send_subcommand;
extern const cli::Subcommand status_subcommand;
extern const cli::Subcommand init_subcommand;
extern const cli::Subcommand ctl_subcommand;

}  // namespace notifybridge
