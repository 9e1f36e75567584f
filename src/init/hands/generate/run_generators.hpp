#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "base/process/environment.hpp"
#include "base/system/fd.hpp"
#include "base/util/function_ref.hpp"
#include "base/util/log.hpp"

namespace notifybridge::generate {

/// A generator, and the descriptor for its standard output and error.
struct Generator {
    std::string path;
    system::Fd output;
};

struct GeneratorRun {
    std::vector<Generator> generators;
    /// The parent directory of the directories of generated units: generator, generator.early and
    /// generator.late.
    std::string directory = "/run/systemd";
    process::Environment environment;
    /// The time limit for all generators together, by default DefaultTimeoutStartSec= of systemd.
    std::chrono::milliseconds limit = std::chrono::seconds(90);
    /// The time after which a log message names a generator that still runs.
    std::chrono::milliseconds patience = std::chrono::seconds(10);
};

using Tell = util::FunctionRef<void(util::Severity severity, const std::string& text)>;

/// Returns whether a directory of generated units exists.
bool has_generated_units(const std::string& directory);

/// Adds the variables that describe the system for generators (systemd.generator(7), ENVIRONMENT).
void describe_system(process::Environment& environment, const std::string& architecture);

/// Removes the units of earlier runs, runs all generators at the same time, and waits until they
/// have ended. Calls `tell` for each generator that fails, hangs or leaves processes running. The
/// units that such a generator wrote are kept.
///
/// Must be called in a separate child process, because the function blocks, changes the umask,
/// becomes a subreaper and reaps all children.
void run_generators(const GeneratorRun& run, Tell tell);

}  // namespace notifybridge::generate
