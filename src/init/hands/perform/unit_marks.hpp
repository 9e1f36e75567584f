#pragma once

#include <sys/types.h>

#include <map>
#include <optional>
#include <string>

#include "init/hands/execute/mark.hpp"

namespace notifybridge::perform {

/// The marks of units. A mark is a pair of resource limits that a process keeps (execute::Mark). It
/// identifies the unit of the process.
class UnitMarks {
public:
    /// Creates the table. If `marks` is empty, no unit has a mark.
    explicit UnitMarks(std::optional<execute::Marks> marks) : marks_(marks) {}

    /// Returns whether units have marks.
    bool exist() const { return marks_.has_value(); }

    /// Returns the mark for a new process of the unit.
    std::optional<execute::Mark> mark_of(const std::string& unit);

    /// Returns the unit whose mark the process has. Returns an empty text if the process has no
    /// mark. Zombies have their marks, too.
    std::string unit_of(pid_t pid) const;

    /// Forgets the mark of the unit, whose next processes get another mark. Must be called when the
    /// unit has no processes any more.
    void forget(const std::string& unit);

private:
    using Number = execute::Marks::Number;

    std::optional<execute::Marks> marks_;
    Number last_ = 0;
    std::map<std::string, Number> numbers_;
    std::map<Number, std::string> units_;
};

}  // namespace notifybridge::perform
