#include "init/answers/dbus/change.hpp"

#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

namespace notifybridge::dbus {
namespace {

bus::Message asked(std::string_view member, const std::vector<std::string>& strings) {
    auto message = bus::decode_message(
        bus::encode_call(1, {"/x", "", "org.freedesktop.systemd1.Manager", member}, strings));
    BOOST_REQUIRE(message);
    return *message;
}

const Object the_manager{Object::Kind::manager, "", 0};
const Object unit_object{Object::Kind::unit, "a.service", 0};

std::string request_of(const bus::Message& message, const Object& object) {
    const auto change = parse_change(message, object);
    return change ? json::serialize(change->request) : "none";
}

/// A change that is performed at once, and the answer to it.
struct Answered {
    explicit Answered(Outcome outcome) {
        change = std::make_unique<ChangeCall>(Change{{{"call", "x"}}, outcome}, true, life,
                                              [this](Answer given, std::uint64_t id) {
                                                  answer = std::move(given);
                                                  job = id;
                                              });
    }

    std::shared_ptr<void> life = std::make_shared<int>();
    std::unique_ptr<ChangeCall> change;
    std::optional<Answer> answer;
    std::uint64_t job = 0;
};

BOOST_AUTO_TEST_SUITE(changes)

BOOST_AUTO_TEST_CASE(bus_requests_for_jobs_become_calls_of_ctl) {
    const std::string start =
        "{\"call\":\"enqueue\",\"units\":[\"a.service\"],\"type\":\"start\","
        "\"mode\":\"replace\",\"tells_jobs\":true}";
    BOOST_TEST(request_of(asked("StartUnit", {"a.service", "replace"}), the_manager) == start);
    BOOST_TEST(request_of(asked("Start", {"replace"}), unit_object) == start);
    BOOST_TEST(request_of(asked("EnqueueUnitJob", {"a.service", "start", "replace"}), the_manager)
               == start);
    BOOST_TEST(request_of(asked("ReloadOrTryRestart", {"fail"}), unit_object)
               == "{\"call\":\"enqueue\",\"units\":[\"a.service\"],\"type\":"
                  "\"try-reload-or-restart\",\"mode\":\"fail\",\"tells_jobs\":true}");
}

BOOST_AUTO_TEST_CASE(bus_requests_for_other_changes_become_calls_of_ctl) {
    BOOST_TEST(request_of(asked("ResetFailed", {}), the_manager) == "{\"call\":\"reset-failed\"}");
    BOOST_TEST(request_of(asked("ResetFailed", {}), unit_object)
               == "{\"call\":\"reset-failed\",\"unit\":\"a.service\"}");
    BOOST_TEST(request_of(asked("Reload", {}), the_manager) == "{\"call\":\"daemon-reload\"}");
    BOOST_TEST(request_of(asked("PowerOff", {}), the_manager) == "{\"call\":\"exit\"}");
    BOOST_TEST(request_of(asked("Cancel", {}), {Object::Kind::job, "", 7})
               == "{\"call\":\"cancel\",\"job\":\"7\"}");
    BOOST_TEST(request_of(asked("GetUnit", {"a.service"}), the_manager) == "none");
    BOOST_TEST(request_of(asked("StartUnit", {"a.service", "fail"}), unit_object) == "none");
}

BOOST_AUTO_TEST_CASE(a_bus_request_for_a_job_is_answered_with_the_path_of_the_job) {
    Answered world(Outcome::job);
    world.change->answer(
        {{"unit", "b.service"}, {"job", "8"}, {"type", "stop"}, {"role", "auxiliary"}});
    world.change->answer(
        {{"unit", "a.service"}, {"job", "7"}, {"type", "start"}, {"role", "anchor"}});
    BOOST_TEST(!world.answer);
    world.change->finish();
    BOOST_REQUIRE(world.answer);
    BOOST_TEST(world.job == 7U);
    BOOST_TEST(world.answer->signature == "o");
    BOOST_TEST(bus::Reader(world.answer->values.bytes).string()
               == "/org/freedesktop/systemd1/job/7");
}

BOOST_AUTO_TEST_CASE(a_refused_bus_request_is_answered_with_an_error) {
    Answered refused(Outcome::job);
    refused.change->answer(
        {{"unit", "a"}, {"refused", "NoSuchUnit"}, {"text", "Unit a not found."}});
    refused.change->finish();
    BOOST_REQUIRE(refused.answer);
    BOOST_TEST(refused.answer->error == "org.freedesktop.systemd1.NoSuchUnit");
    BOOST_TEST(refused.answer->text == "Unit a not found.");
    Answered denied(Outcome::nothing);
    denied.change->refuse("AccessDenied", "no");
    BOOST_REQUIRE(denied.answer);
    BOOST_TEST(denied.answer->error == "org.freedesktop.DBus.Error.AccessDenied");
}

BOOST_AUTO_TEST_CASE(a_bus_request_of_an_ended_session_gets_no_answer) {
    Answered world(Outcome::nothing);
    world.life.reset();
    BOOST_TEST(world.change->is_over());
    world.change->finish();
    BOOST_TEST(!world.answer);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace notifybridge::dbus
