#pragma once

#include <string_view>

#include "base/cli/dispatch.hpp"

/// What the executable can be called to do, a file each.
namespace notifybridge {

/// What systemctl and systemd print for --version, and what ours does as.
inline constexpr std::string_view systemd_release = "systemd 252";

extern const cli::Subcommand wrap_subcommand;
extern const cli::Subcommand wait_subcommand;
extern const cli::Subcommand run_subcommand;
extern const cli::Subcommand runtime_subcommand;
extern const cli::Subcommand send_subcommand;
extern const cli::Subcommand status_subcommand;
extern const cli::Subcommand init_subcommand;
extern const cli::Subcommand ctl_subcommand;

}  // namespace notifybridge
