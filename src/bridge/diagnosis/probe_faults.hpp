#pragma once

#include <string>
#include <string_view>

#include "bridge/diagnosis/facts.hpp"

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

/// Returns the option that decides when the app is ready, without its value. If --ready-when= is
/// not given, the target of --proxy= decides.
std::string_view ready_option_name(const StartCommand& command);

/// Returns this option with the address of the probe of these facts, but with this "HOST:PORT".
std::string ready_option(const Facts& facts, std::string_view place);

/// Returns the port of the probe of these facts. Returns an empty text if it has none.
std::string_view port_of_probe(const Facts& facts);

/// Returns whether the socket of `wrap` may accept messages from its owner only, because there is
/// no container.
bool may_close_socket(const Symptoms& symptoms);

/// Returns what to do about this probe, with its reason.
std::string remedy_of_probe(const Symptoms& symptoms, std::string_view unmet);

}  // namespace notifybridge::diagnosis
