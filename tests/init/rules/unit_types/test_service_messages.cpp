#include "init/rules/unit_types/service_messages.hpp"

#include <boost/test/unit_test.hpp>

namespace notifybridge::unit_types {
namespace {

using Phase = ServiceMessages::Phase;

notify::Message message(std::string_view text) {
    const auto parsed = notify::parse(text);
    BOOST_REQUIRE(parsed);
    return *parsed;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(service_messages)

BOOST_AUTO_TEST_CASE(stopping_1_has_precedence_over_ready_1_and_reloading_1) {
    BOOST_TEST((ServiceMessages::phase_of(message("READY=1")) == Phase::ready));
    BOOST_TEST((ServiceMessages::phase_of(message("RELOADING=1\nREADY=1")) == Phase::ready));
    BOOST_TEST((ServiceMessages::phase_of(message("READY=1\nRELOADING=1")) == Phase::ready));
    BOOST_TEST((ServiceMessages::phase_of(message("READY=1\nSTOPPING=1")) == Phase::stopping));
    BOOST_TEST((ServiceMessages::phase_of(message("STOPPING=1\nREADY=1")) == Phase::stopping));
    BOOST_TEST((ServiceMessages::phase_of(message("STATUS=READY=1")) == std::nullopt));
    BOOST_TEST((ServiceMessages::phase_of(message("READY=0")) == std::nullopt));
}

BOOST_AUTO_TEST_CASE(texts_of_a_service_are_kept_until_they_are_replaced) {
    ServiceMessages messages;
    messages.take_texts(message("STATUS=one\nERRNO=2\nBUSERROR=org.example.Error"));
    messages.take_texts(message("STATUS=two"));
    BOOST_TEST(*messages.status_text == "two");
    BOOST_TEST(messages.status_errno == 2);
    BOOST_TEST(*messages.bus_error == "org.example.Error");
    BOOST_TEST(messages.varlink_error->empty());
}

BOOST_AUTO_TEST_CASE(an_invalid_errno_of_a_service_is_ignored) {
    ServiceMessages messages;
    messages.take_texts(message("ERRNO=2"));
    messages.take_texts(message("ERRNO=many"));
    BOOST_TEST(messages.status_errno == 2);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::unit_types
