#pragma once

#include <boost/json/value.hpp>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "bridge/status/overview.hpp"

/// The facts that `status` shows are rows of tables. A row has the names of the fact in the text,
/// in JSON and in Prometheus' metrics, and each of these outputs walks over the rows.
namespace notifybridge::status {

/// The value of a fact: null if it is unknown, or else a truth value, a number, a text, a list or
/// an object. Times are in microseconds. A text may contain any byte, which the outputs escape.
using Value = boost::json::value;

/// What the text for people depends on, in addition to the overview.
struct Viewer {
    system::Moment now;
    bool coloured = false;
};

/// Returns the text of a line. Returns several lines, or an empty text if there is none.
using Sentence = std::string(const Overview& all, const Viewer& viewer);

/// The line of a fact in the text for people.
struct Line {
    /// Lines are sorted by this number, and then by the order of the rows. Lines with the same
    /// number share the label of the first one.
    int place = 0;
    std::string label = {};
    /// A text in which "{}" is the value, escaped, and "{quoted}" the value in quotes. There is no
    /// line if the value is null, false, 0 or empty. If a line needs more than the value, it is a
    /// function, which is called if the value is not null.
    std::variant<std::string, Sentence*> text = {};
};

/// The metric of a fact. "…_total" is a counter. "…_seconds" is a time, which is unknown if it is
/// 0.
struct Metric {
    int place = 0;  ///< Metrics are sorted by this number, which only one metric has.
    std::string name = {};
    std::string help = {};
    Value (*value)(const Overview&) = nullptr;  ///< The value, if it is not that of the row.
    /// All values of a text. The metric has a sample for each, and the current one is 1.
    std::span<const std::string_view> states = {};
};

struct Field {
    using Get = Value(const Overview&);

    Field(const char* name, Get* get, Line shown = {}, Metric measured = {})
        : key(name), value(get), line(std::move(shown)), metric(std::move(measured)) {}
    Field(const char* name, Get* get, Metric measured) : Field(name, get, {}, measured) {}

    /// The key in JSON; empty if there is none. "host.lane.open" is a member of the object that the
    /// row "host.lane" creates. If the value of that row is null, this row is left out.
    std::string key;
    Get* value;
    Line line;      ///< There is no line if its label is empty.
    Metric metric;  ///< There is no metric if its name is empty.
};

/// The facts about the run and its container. JSON shows them only if there is a run.
std::span<const Field> run_fields();

/// The facts about the `wait` that uses the directory, and about all files.
std::span<const Field> directory_fields();

}  // namespace notifybridge::status
