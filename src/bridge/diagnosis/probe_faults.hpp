#pragma once

#include <string>
#include <string_view>

#include "bridge/diagnosis/symptoms.hpp"

/// Explains why a probe of --ready-when does not succeed, and what to do about it.
namespace notifybridge::diagnosis {

/// Returns the probe that `wrap` waits for, or waited for last, with the reason:
/// "tcp:127.0.0.1:6380: connection refused (4 s)". Returns an empty text if there is no such probe.
std::string unmet_probe(const Symptoms& symptoms);

/// Returns why there is no health check, as the end of a sentence: ": --health-interval=0 turns the
/// health check off". Returns an empty text if no option turns the check off.
std::string reason_of_missing_check(const Symptoms& symptoms);

/// Returns what to do if the app does not notify, and no probe is set.
std::string remedy_of_missing_probe(const Symptoms& symptoms);

std::string remedy_of_probe(const Symptoms& symptoms, std::string_view unmet);

}  // namespace notifybridge::diagnosis
