#pragma once

#include <cstdlib>
#include <initializer_list>
#include <random>
#include <string>

namespace notifybridge::manager::test {

/// Chance that can be had again from its number.
class Dice {
public:
    explicit Dice(std::uint64_t seed) : random_(seed) {}

    std::size_t below(std::size_t count) { return random_() % count; }
    bool one_in(std::size_t count) { return below(count) == 0; }
    template <typename Value>
    Value pick(std::initializer_list<Value> values) {
        return values.begin()[below(values.size())];
    }
    std::string pick(std::initializer_list<const char*> values) {
        return values.begin()[below(values.size())];
    }

private:
    std::mt19937_64 random_;
};

/// How many histories are run: few by default, and many where there is time.
inline std::uint64_t count_of_histories(std::uint64_t usual) {
    const char* const is_long = std::getenv("NOTIFYBRIDGE_LONG");
    return is_long && *is_long == '1' ? usual * 100 : usual;
}

}  // namespace notifybridge::manager::test
