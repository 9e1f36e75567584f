#pragma once

#include <span>
#include <string>

#include "bridge/status/overview_text.hpp"

namespace notifybridge::status {

/// Metrics of these bridges, in the text format of Prometheus that the textfile collector of
/// node_exporter reads; the names follow OpenMetrics. notifybridge-status(1) lists them.
std::string to_prometheus(std::span<const NamedOverview> bridges);

}  // namespace notifybridge::status
