#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "bridge/diagnosis/diagnosis.hpp"
#include "bridge/diagnosis/facts.hpp"

/// The engine of the tables of causes. To add a cause, add one row to a table, and one sample to
/// the test of the table (test_failure_causes has those of `failures` and `ends`). test_cause finds
/// rows without a sample.
namespace notifybridge::diagnosis {

/// A row of a table of causes. The order of the rows in a table is the order of precedence: the
/// first row that holds decides, because later ones may show only consequences.
///
/// Both texts have slots in braces (slots.cpp). A slot may have an argument, which may have slots:
/// "{set TimeoutStopSec=}", "{set SuccessExitStatus={status}}".
struct Cause {
    bool (*holds)(Facts&) = nullptr;
    std::string cause = {};
    std::string remedy = {};
    Finding::Verdict verdict = Finding::Verdict::problem;
    /// Finds the diagnosis, instead of the two texts. If it finds none, the search goes on.
    std::optional<Diagnosis> (*find)(const Symptoms&) = nullptr;
};

inline constexpr Finding::Verdict note = Finding::Verdict::note;

/// For the rows that always hold, such as the last row of a table.
inline bool always(Facts&) {
    return true;
}

/// If set, is called with each row that decides. A test finds the rows without a sample this way.
inline void (*on_decision)(const Cause& row) = nullptr;

/// Returns the diagnosis of the first row that holds. Returns nullopt if there is none.
std::optional<Diagnosis> first_of(std::span<const Cause> causes, const Symptoms& symptoms);
std::optional<Diagnosis> first_of(std::span<const Cause> causes, const Facts& known);

/// Returns `text` with values in its slots. An unknown slot stays as it is.
std::string fill_in(std::string_view text, const Facts& facts);

/// The tables. They are declared here for the test that fills each slot. They are functions, which
/// build the table when it is needed: a static-pie executable adjusts each pointer of a constant
/// table when it starts, in each `wrap` and `wait` (base/util/literal.hpp).
namespace tables {

std::span<const Cause> failed();            ///< What systemd does with a failed unit.
std::span<const Cause> failures();          ///< Why a unit failed.
std::span<const Cause> ends();              ///< The last part of `failures`.
std::span<const Cause> machine_failures();  ///< A part for virtual machines.
std::span<const Cause> machine_starts();
std::span<const Cause> inactive();  ///< Why a unit is not started.
std::span<const Cause> running();   ///< What is wrong with a unit that is not down.
std::span<const Cause> starts();    ///< A part of `running`.
std::span<const Cause> reloads();   ///< A part of `running`.
std::span<const Cause> limits();    ///< The limits on a start.
std::span<const Cause> probes();    ///< What to do about a probe.
std::span<const Cause> missing_probes();

}  // namespace tables

}  // namespace notifybridge::diagnosis
