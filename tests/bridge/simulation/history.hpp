#pragma once

#include <cstdint>
#include <deque>
#include <string>

#include "base/util/concat.hpp"
#include "support/faults.hpp"

namespace notifybridge::bridge::simulation {

/// The last events of a world, for a person who has to understand a failure. A world is run again
/// to record them, because writing texts takes more time than the events themselves.
class History {
public:
    explicit History(bool records) : records_(records) {}

    bool records() const { return records_; }

    template <typename... Parts>
    void add(const Parts&... parts) {
        ++count_;
        if (!records_)
            return;
        if (texts_.size() == most_texts)
            texts_.pop_front();
        texts_.push_back(
            util::concat(count_, " at ", test::Faults::elapsed().count(), " us: ", parts...));
    }

    /// Returns how many events there were.
    std::uint64_t count() const { return count_; }
    void count_turn() { ++count_; }

    std::string text() const {
        std::string all;
        for (const std::string& line : texts_)
            all += line + '\n';
        return all;
    }

private:
    static constexpr std::size_t most_texts = 400;

    bool records_;
    std::uint64_t count_ = 0;
    std::deque<std::string> texts_;
};

}  // namespace notifybridge::bridge::simulation
