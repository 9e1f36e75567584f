#include "base/util/function_ref.hpp"

#include <boost/test/unit_test.hpp>
#include <functional>
#include <memory>
#include <string>

namespace notifybridge::util {
namespace {

int apply(FunctionRef<int(int)> function) {
    return function(2);
}

int doubled(int number) {
    return 2 * number;
}

struct Tripler {
    int operator()(int number) const { return 3 * number; }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(function_references)

BOOST_AUTO_TEST_CASE(functions_lambdas_and_objects_can_be_called) {
    const Tripler tripler;
    BOOST_TEST(apply(doubled) == 4);
    BOOST_TEST(apply(&doubled) == 4);
    BOOST_TEST(apply(tripler) == 6);
    BOOST_TEST(apply([](int number) { return number + 1; }) == 3);
    BOOST_TEST(apply(std::function<int(int)>(doubled)) == 4);
}

BOOST_AUTO_TEST_CASE(the_callable_itself_is_called) {
    int calls = 0;
    auto count = [number = 0, &calls]() mutable { calls = ++number; };
    const FunctionRef<void()> once = count;
    const FunctionRef<void()> again = once;
    once();
    again();
    BOOST_TEST(calls == 2);
    count();
    BOOST_TEST(calls == 3);
}

BOOST_AUTO_TEST_CASE(an_unneeded_result_is_dropped) {
    int calls = 0;
    const auto count = [&] { return ++calls; };
    const FunctionRef<void()> reference = count;
    reference();
    BOOST_TEST(calls == 1);
}

BOOST_AUTO_TEST_CASE(arguments_are_moved_or_referred_to) {
    const auto append = [](std::string& text, std::unique_ptr<int> number) {
        text += std::to_string(*number);
    };
    const FunctionRef<void(std::string&, std::unique_ptr<int>)> reference = append;
    std::string text = "a";
    reference(text, std::make_unique<int>(5));
    BOOST_TEST(text == "a5");
}

BOOST_AUTO_TEST_CASE(a_reference_can_be_empty) {
    BOOST_TEST(!FunctionRef<void()>());
    BOOST_TEST(static_cast<bool>(FunctionRef<int(int)>(doubled)));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::util
