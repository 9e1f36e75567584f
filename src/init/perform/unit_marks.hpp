#pragma once

#include <sys/types.h>

#include <map>
#include <optional>
#include <string>

#include "init/execute/mark.hpp"

namespace notifybridge::perform {

/// The mark of each unit's processes.
class UnitMarks {
public:
    /// Without marks, no unit has one.
    explicit UnitMarks(std::optional<execute::Marks> marks) : marks_(marks) {}

    /// Returns the mark for a process that is to be started for the unit.
    std::optional<execute::Mark> mark_of(const std::string& unit);

    /// Returns the unit whose mark a process has; empty if it has none. Zombies have theirs, too.
    std::string unit_of(pid_t pid) const;

    /// The unit's processes are gone. It gets another mark next time.
    void forget(const std::string& unit);

private:
    using Number = execute::Marks::Number;

    std::optional<execute::Marks> marks_;
    Number last_ = 0;
    std::map<std::string, Number> numbers_;
    std::map<Number, std::string> units_;
};

}  // namespace notifybridge::perform
