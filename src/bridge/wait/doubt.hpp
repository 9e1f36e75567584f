#pragma once

#include <cstdint>
#include <utility>

namespace notifybridge::wait {

/// Whether something could not be read in the last look, as descriptors or memory are used up. No
/// end is taken for one before it could be read, or was tried for five seconds. Times are in µs.
class Doubt {
public:
    /// A look begins: nothing is in doubt yet.
    void look_again() {
        if (!std::exchange(raised_, false))
            since_ = 0;
    }

    void raise(std::uint64_t now) {
        raised_ = true;
        if (since_ == 0)
            since_ = now;
    }

    bool is_raised() const { return raised_; }

    /// Whether what is in doubt may be known soon.
    bool may_pass(std::uint64_t now) const { return raised_ && now - since_ < longest; }

private:
    static constexpr std::uint64_t longest = 5'000'000;

    bool raised_ = false;
    std::uint64_t since_ = 0;
};

}  // namespace notifybridge::wait
