#pragma once

#include <optional>

#include "bridge/diagnosis/diagnosis.hpp"

/// Finds reloads of a running unit that do not end, or that failed. Pure.
namespace notifybridge::diagnosis {

/// Finds a reload that goes on for long, or whose last one failed because the app did not report
/// it.
std::optional<Diagnosis> find_failed_reload(const Symptoms& symptoms);

}  // namespace notifybridge::diagnosis
