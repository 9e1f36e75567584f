#pragma once

#include <span>
#include <string>

#include "bridge/status/overview_text.hpp"

namespace notifybridge::status {

/// Returns metrics of these bridges in the text format of Prometheus, for the textfile collector of
/// node_exporter. The names follow OpenMetrics. notifybridge-status(1) lists the metrics.
std::string to_prometheus(std::span<const NamedOverview> bridges);

}  // namespace notifybridge::status
