#pragma once

#include <memory>
#include <utility>

namespace notifybridge::util {

/// A value that is usually the default one. Until it is changed, all instances share the default,
/// and each takes only a pointer.
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

    /// Returns null while the value is the default one.
    Value* own() { return own_.get(); }
    /// Returns the value for changes, and creates a copy first if it is shared.
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
