#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "bridge/diagnosis/diagnosis.hpp"
#include "bridge/diagnosis/facts.hpp"

/// The engine of the tables of causes. To add a cause, add one row to a table, and one sample to
/// the test of the table.
namespace notifybridge::diagnosis {

/// A row of a table of causes. The order of the rows in a table is the order of precedence: the
/// first row that holds decides, because later ones may show only consequences.
///
/// Both texts have slots in braces (slots.cpp). A slot may have an argument, which may have slots:
/// "{set TimeoutStopSec=}", "{set SuccessExitStatus={status}}".
struct Cause {
    bool (*holds)(Facts&);
    std::string_view cause;
    std::string_view remedy;
    /// Finds the diagnosis, instead of the two texts. If it finds none, the search goes on.
    std::optional<Diagnosis> (*find)(const Symptoms&) = nullptr;
    Finding::Verdict verdict = Finding::Verdict::problem;
};

/// For the rows that always hold, such as the last row of a table.
inline bool always(Facts&) {
    return true;
}

/// Returns the diagnosis of the first row that holds. Returns nullopt if there is none.
std::optional<Diagnosis> first_of(std::span<const Cause> causes, const Symptoms& symptoms);

/// Returns `text` with values in its slots. An unknown slot stays as it is.
std::string fill(std::string_view text, const Facts& facts);

/// The tables, for the test that fills each slot.
extern const std::span<const Cause> failures;
extern const std::span<const Cause> ends;

}  // namespace notifybridge::diagnosis
