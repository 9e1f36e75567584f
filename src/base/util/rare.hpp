#pragma once

#include <memory>
#include <utility>

namespace notifybridge::util {

/// A value that usually equals the default value. Each instance takes only a pointer, because all
/// instances with the default value share one object.
template <typename Value>
class Rare {
public:
    Rare() = default;
    Rare(Value value)
        : own_(value == shared() ? nullptr : std::make_unique<Value>(std::move(value))) {}
    Rare(const Rare& other) : own_(other.own_ ? std::make_unique<Value>(*other.own_) : nullptr) {}
    Rare(Rare&&) noexcept = default;
    Rare& operator=(Rare other) noexcept {
        own_ = std::move(other.own_);
        return *this;
    }
    ~Rare() = default;

    operator const Value&() const { return own_ ? *own_ : shared(); }
    const Value& operator*() const { return *this; }
    const Value* operator->() const { return &**this; }

    /// Returns a pointer to the own value of this instance. Returns null if the value is the shared
    /// default.
    Value* own() { return own_.get(); }
    /// Returns the value so that the caller can change it. If the value is the shared default,
    /// makes a copy first.
    Value& edit() {
        if (!own_)
            own_ = std::make_unique<Value>();
        return *own_;
    }

private:
    static const Value& shared() {
        static const Value value{};
        return value;
    }

    std::unique_ptr<Value> own_;
};

}  // namespace notifybridge::util
