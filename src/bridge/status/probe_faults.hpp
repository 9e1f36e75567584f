#pragma once

#include <string>
#include <string_view>

#include "bridge/status/symptoms.hpp"

/// Explains why a probe of --ready-when does not succeed, and what to do about it.
namespace notifybridge::status {

/// Returns the probe that `wrap` waits for, or waited for last, with the reason:
/// "tcp:127.0.0.1:6380: connection refused (4 s)". Returns an empty text if there is no such probe.
std::string unmet_probe(const Symptoms& symptoms);

std::string remedy_of_probe(const Symptoms& symptoms, std::string_view unmet);

}  // namespace notifybridge::status
