#pragma once

#include <stdlib.h>

#include <optional>
#include <string>

namespace notifybridge::test {

/// A change of an environment variable of this process, which lasts while this object lives.
class Variable {
public:
    /// Unsets the variable if `value` is nullopt.
    Variable(const char* name, const std::optional<std::string>& value) : name_(name) {
        if (const char* const now = ::getenv(name))
            before_ = now;
        set(value);
    }
    Variable(const Variable&) = delete;
    Variable& operator=(const Variable&) = delete;
    ~Variable() { set(before_); }

private:
    void set(const std::optional<std::string>& value) const {
        if (value)
            ::setenv(name_, value->c_str(), 1);
        else
            ::unsetenv(name_);
    }

    const char* name_;
    std::optional<std::string> before_;
};

}  // namespace notifybridge::test
