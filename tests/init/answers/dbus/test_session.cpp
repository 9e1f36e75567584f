#include "init/answers/dbus/session.hpp"

#include <algorithm>

#include "base/bus/property.hpp"
#include "init/answers/calls/desk.hpp"
#include "init/answers/dbus/interfaces.hpp"
#include "init/answers/dbus/value.hpp"
#include "init/rules/manager/dice.hpp"

/// Tests the manager's answers to clients of the bus and to the bus itself.
namespace notifybridge::dbus {
namespace {

using manager::test::Dice;
using Type = bus::Message::Type;

constexpr std::string_view root_client = ":1.1";
constexpr std::string_view user_client = ":1.2";

std::string text_of(const bus::Message& message) {
    bus::Reader reader(message.body);
    std::string text;
    std::string_view types = message.signature;
    while (!types.empty()) {
        text += text.empty() ? "" : " ";
        text += bus::read_text(reader, types);
    }
    BOOST_TEST(reader.is_good());
    BOOST_TEST(reader.is_at_end());
    return text;
}

bus::Message call(std::string_view member, const std::vector<std::string>& strings = {},
                  std::string_view path = manager_path,
                  std::string_view interface = manager_interface) {
    auto message = bus::decode_message(bus::encode_call(7, {path, "", interface, member}, strings));
    BOOST_REQUIRE(message);
    return *message;
}

/// Returns a call of the manager with two lists of strings.
bus::Message call_with_lists(std::string_view member, const std::vector<std::string>& first,
                             const std::vector<std::string>& second) {
    bus::Message message = call(member);
    message.signature = "asas";
    bus::Writer body;
    add_texts(body, first);
    add_texts(body, second);
    message.body = body.bytes;
    return message;
}

/// The manager on a bus, and its clients.
class World : public calls::test::Desk {
public:
    World() {
        add("a.service", "[Service]\nExecStart=/main\nExecReload=/reload\n");
        add("hand.service", "[Service]\nExecStart=/main\n", "RefuseManualStart=yes\n");
        engine.hooks.on_job_end = [this](const manager::Job& job, manager::JobResult result) {
            calls.job_ended(job, result);
            session->job_ended(job, result);
        };
        engine.hooks.on_change = [this](const manager::Unit& unit, manager::ActiveState) {
            calls.unit_changed(unit);
            session->unit_changed(unit);
        };
        session.emplace(manager, Session::Bus{[this](const bus::Message& message) {
                                                  sent.push_back(message);
                                                  return ++serial;
                                              },
                                              [this](std::string_view member, const auto& strings) {
                                                  questions.emplace_back(std::string(member),
                                                                         strings);
                                                  return ++serial;
                                              }});
    }

    void hear(bus::Message message, std::string_view sender) {
        message.sender = sender;
        session->take({std::move(message), false});
    }
    /// Takes the place of the bus: answers the manager's last question with this number.
    void answer(std::uint32_t number) {
        bus::Message message;
        message.type = Type::answer;
        message.reply_serial = serial;
        message.signature = "u";
        bus::Writer body;
        body.add_number(number);
        message.body = body.bytes;
        hear(std::move(message), bus::bus_name);
    }
    /// Returns the answer to a client: the values, or the error and its text.
    std::string ask(const bus::Message& message, std::string_view client = root_client) {
        sent.clear();
        questions.clear();
        hear(message, client);
        if (!questions.empty() && questions.back().first == "GetConnectionUnixUser")
            answer(client == root_client ? 0 : 1000);
        run();
        session->signal_changes();
        const auto reply = std::ranges::find_if(sent, [](const auto& each) {
            return each.type == Type::answer || each.type == Type::error;
        });
        if (reply == sent.end())
            return "nothing";
        BOOST_TEST(reply->destination == client);
        BOOST_TEST(reply->reply_serial == message.serial);
        return reply->type == Type::error ? reply->error + ": " + text_of(*reply) : text_of(*reply);
    }
    /// Returns the names and values of the signals that were sent.
    std::vector<std::string> signals() const {
        std::vector<std::string> found;
        for (const bus::Message& each : sent)
            if (each.type == Type::signal)
                found.push_back(each.member + ' ' + text_of(each));
        return found;
    }
    bool has_signal(std::string_view text) const {
        return std::ranges::any_of(
            signals(), [&](const std::string& each) { return each.find(text) != each.npos; });
    }
    void bus_says(std::string_view member, const std::vector<std::string>& strings,
                  std::string_view interface = bus::bus_name) {
        bus::Message signal = call(member, strings, "/org/freedesktop/DBus", interface);
        signal.type = Type::signal;
        hear(std::move(signal), bus::bus_name);
        run();
    }

    Manager manager{engine, calls, daemon, [] {}};
    std::vector<bus::Message> sent;
    std::vector<std::pair<std::string, std::vector<std::string>>> questions;
    std::uint32_t serial = 0;
    std::optional<Session> session;
};

constexpr std::string_view activator = "org.freedesktop.systemd1.Activator";
const std::string unit_a = bus::unit_path("a.service");

BOOST_AUTO_TEST_SUITE(session)

BOOST_AUTO_TEST_CASE(a_session_gets_the_bus_name_or_reports_the_reason) {
    World world;
    BOOST_REQUIRE(world.sent.size() == 1U);
    BOOST_TEST(world.sent[0].member == "RequestName");
    BOOST_TEST(text_of(world.sent[0]) == "org.freedesktop.systemd1 4");
    world.answer(1);
    BOOST_TEST(world.session->has_name());
    BOOST_TEST(world.session->refusal().empty());
    world.bus_says("NameLost", {"org.freedesktop.systemd1"});
    BOOST_TEST(!world.session->has_name());
    BOOST_TEST(!world.session->refusal().empty());
    World second;
    second.answer(3);
    BOOST_TEST(second.session->refusal()
               == "another process owns the name org.freedesktop.systemd1");
    World denied;
    bus::Message error = call("", {"not allowed"});
    error.type = Type::error;
    error.reply_serial = 1;
    denied.hear(error, bus::bus_name);
    BOOST_TEST(denied.session->refusal() == "not allowed");
}

BOOST_AUTO_TEST_CASE(bus_clients_can_find_and_list_units) {
    World world;
    BOOST_TEST(world.ask(call("GetUnit", {"a.service"}))
               == "org.freedesktop.systemd1.NoSuchUnit: Unit a.service not loaded.");
    BOOST_TEST(world.ask(call("LoadUnit", {"a.service"})) == unit_a);
    BOOST_TEST(world.ask(call("GetUnit", {"a.service"})) == unit_a);
    BOOST_TEST(world.ask(call("LoadUnit", {"no/name"}))
               == "org.freedesktop.DBus.Error.InvalidArgs: Unit name no/name is not valid.");
    BOOST_TEST(world.ask(call("ListUnits"))
               == "a.service a.service loaded inactive dead  " + unit_a + " 0  /");
    BOOST_TEST(world.questions.empty());
}

BOOST_AUTO_TEST_CASE(bus_clients_can_list_unit_files) {
    World world;
    const std::string all = world.ask(call("ListUnitFiles"));
    BOOST_TEST(all.find("/built-in/basic.target static") != all.npos);
    const auto list = [&](const auto& states, const auto& patterns) {
        return world.ask(call_with_lists("ListUnitFilesByPatterns", states, patterns));
    };
    using List = std::vector<std::string>;
    BOOST_TEST(list(List(), List()) == all);
    BOOST_TEST(list(List(), List{"basic.t*", "none.*"}) == "/built-in/basic.target static");
    BOOST_TEST(list(List{"bad", "static"}, List{"basic.target"})
               == "/built-in/basic.target static");
    BOOST_TEST(list(List{"enabled"}, List{"basic.target"}) == "");
    BOOST_TEST(world.questions.empty());
}

BOOST_AUTO_TEST_CASE(addresses_and_conditions_are_lists_on_the_bus) {
    World world;
    world.add("a.socket", "[Socket]\nListenStream=/run/x.sock\nListenDatagram=/run/y.sock\n");
    world.add("a.path", "[Path]\nPathExists=/run/x\nPathChanged=/run/y\n");
    world.add("a.service", "[Service]\nExecStart=/main\n",
              "ConditionPathExists=!/run/a b\nAssertHost=|box\n");
    const auto get = [&](std::string_view unit, std::string_view name) {
        return world.ask(
            call("Get", {"", std::string(name)}, bus::unit_path(unit), properties_interface));
    };
    BOOST_TEST(get("a.socket", "Listen") == "Stream /run/x.sock Datagram /run/y.sock");
    BOOST_TEST(get("a.path", "Paths") == "PathChanged /run/y PathExists /run/x");
    BOOST_TEST(get("a.service", "Conditions") == "ConditionPathExists no yes /run/a b 0");
    world.ask(call("StartUnit", {"a.service", "replace"}));
    BOOST_TEST(get("a.service", "Conditions") == "ConditionPathExists no yes /run/a b 1");
    BOOST_TEST(get("a.service", "Asserts") == "AssertHost yes no box 1");
    world.ask(call("Reload"));
    BOOST_TEST(get("a.service", "Conditions") == "ConditionPathExists no yes /run/a b 0");
    BOOST_TEST(get("a.socket", "Conditions") == "");
}

BOOST_AUTO_TEST_CASE(properties_on_the_bus_equal_those_of_ctl_show) {
    World world;
    world.add("a.service",
              "[Service]\nExecStart=/main\nMemoryMax=512M\nLimitNOFILE=1024\n"
              "Environment=\"A=b c\" D=e\nProtectKernelTunables=yes\nOOMScoreAdjust=-5\n");
    const auto get = [&](std::string_view interface, std::string_view name) {
        return world.ask(
            call("Get", {std::string(interface), std::string(name)}, unit_a, properties_interface));
    };
    BOOST_TEST(get(unit_interface, "ActiveState") == "inactive");
    BOOST_TEST(get("org.freedesktop.systemd1.Service", "TimeoutStopUSec") == "90000000");
    const auto of_service = [&](std::string_view name) {
        return get("org.freedesktop.systemd1.Service", name);
    };
    BOOST_TEST(of_service("MemoryMax") == "536870912");
    BOOST_TEST(of_service("TasksMax") == "18446744073709551615");
    BOOST_TEST(of_service("IPIngressBytes") == "18446744073709551615");
    BOOST_TEST(of_service("LimitNOFILE") == "1024");
    BOOST_TEST(of_service("Slice") == "system.slice");
    BOOST_TEST(of_service("UMask") == "18");
    BOOST_TEST(of_service("Environment") == "A=b c D=e");
    BOOST_TEST(of_service("ProtectKernelTunables") == "yes");
    BOOST_TEST(of_service("OOMScoreAdjust") == "-5");
    BOOST_TEST(get("", "Id") == "a.service");
    BOOST_TEST(get(unit_interface, "Job") == "0 /");
    BOOST_TEST(
        get(unit_interface, "MainPID").starts_with("org.freedesktop.DBus.Error.UnknownProperty"));
    const std::string all = world.ask(call("GetAll", {""}, unit_a, properties_interface));
    BOOST_TEST(all.find("ActiveState inactive") != all.npos);
    BOOST_TEST(all.find("MainPID 0") != all.npos);
    BOOST_TEST(world.ask(call("GetAll", {"a.b"}, unit_a, properties_interface))
                   .starts_with("org.freedesktop.DBus.Error.UnknownInterface"));
    BOOST_TEST(world
                   .ask(call("Get", {std::string(manager_interface), "Version"}, manager_path,
                             properties_interface))
                   .starts_with("252 (notifybridge "));
    for (const char* const name : {"FinishTimestampMonotonic", "KernelTimestampMonotonic"})
        BOOST_TEST(world.ask(call("Get", {std::string(manager_interface), name}, manager_path,
                                  properties_interface))
                   == "0");
}

BOOST_AUTO_TEST_CASE(root_can_start_a_unit_and_is_notified_of_its_job) {
    World world;
    const std::string job = world.ask(call("StartUnit", {"a.service", "replace"}));
    BOOST_TEST(job.starts_with("/org/freedesktop/systemd1/job/"));
    BOOST_TEST(World::state_of(world.engine.unit(*unit::UnitName::parse("a.service")))
               == "active/running");
    const std::string id = job.substr(job.rfind('/') + 1);
    const std::vector<std::string> expected = {"JobRemoved " + id + ' ' + job + " a.service done"};
    BOOST_TEST((world.signals() == expected));
    // The answer comes before the signal.
    BOOST_TEST((world.sent.front().type == Type::answer));
}

BOOST_AUTO_TEST_CASE(a_user_other_than_root_cannot_change_units) {
    World world;
    for (const auto& message :
         {call("StartUnit", {"a.service", "replace"}), call("Reload"), call("ResetFailed"),
          call("Start", {"replace"}, unit_a, unit_interface), call("PowerOff")})
        BOOST_TEST(
            world.ask(message, user_client).starts_with("org.freedesktop.DBus.Error.AccessDenied"));
    BOOST_TEST(world.changes == 0U);
    BOOST_TEST(world.engine.jobs().empty());
    BOOST_TEST(world.ask(call("LoadUnit", {"a.service"}), user_client) == unit_a);
}

BOOST_AUTO_TEST_CASE(an_unknown_user_cannot_change_units) {
    World world;
    world.hear(call("Reload"), ":1.9");
    bus::Message error = call("", {"gone"});
    error.type = Type::error;
    error.reply_serial = world.serial;
    // Only an answer of the bus itself can name the user.
    world.hear(error, ":1.9");
    BOOST_TEST((world.sent.back().type == Type::call));
    world.hear(error, bus::bus_name);
    BOOST_TEST(world.sent.back().error == "org.freedesktop.DBus.Error.AccessDenied");
    BOOST_TEST(world.changes == 0U);
}

/// The call of systemd-logind for the scope of a session, with one property and no other units.
bus::Message call_for_scope(std::string_view name) {
    bus::Message message = call("StartTransientUnit");
    message.signature = "ssa(sv)a(sa(sv))";
    bus::Writer body;
    add_text(body, name);
    add_text(body, "fail");
    const auto properties = body.begin_array(8);
    body.begin_struct();
    add_text(body, "Description");
    body.add_signature("s");
    add_text(body, "Session c1 of User bob");
    body.end_array(properties);
    body.end_array(body.begin_array(8));
    message.body = body.bytes;
    return message;
}

BOOST_AUTO_TEST_CASE(the_scope_of_a_session_is_started_for_root) {
    World world;
    const std::string job = "/org/freedesktop/systemd1/job/2147483649";
    BOOST_TEST(world.ask(call_for_scope("session-c1.scope")) == job);
    // systemd-logind waits for this signal, and does not subscribe before it.
    BOOST_TEST(world.has_signal("JobRemoved 2147483649 " + job + " session-c1.scope done"));
    BOOST_TEST(world.ask(call_for_scope("session-c2.scope")) != job);
    BOOST_TEST(world.ask(call_for_scope("session-c1.scope"), user_client)
                   .starts_with("org.freedesktop.DBus.Error.AccessDenied"));
    for (const std::string_view other : {"app.scope", "session-c1.service", "session-/.scope"})
        BOOST_TEST(world.ask(call_for_scope(other))
                       .starts_with("org.freedesktop.DBus.Error.NotSupported"));
}

BOOST_AUTO_TEST_CASE(the_scope_of_a_session_is_active_until_the_session_ends) {
    World world;
    const std::string scope = bus::unit_path("session-c1.scope");
    const auto state = call("Get", {"org.freedesktop.systemd1.Unit", "ActiveState"}, scope,
                            "org.freedesktop.DBus.Properties");
    const auto abandon = call("Abandon", {}, scope, "org.freedesktop.systemd1.Scope");
    world.ask(call("Subscribe"));
    world.ask(call_for_scope("session-c1.scope"));
    BOOST_TEST(world.ask(state, user_client) == "active");
    BOOST_TEST(world.ask(abandon, user_client).starts_with("org.freedesktop.DBus.Error."));
    BOOST_TEST(world.ask(state) == "active");
    BOOST_TEST(world.ask(abandon) == "");
    BOOST_TEST(world.has_signal("UnitRemoved session-c1.scope"));
    BOOST_TEST(world.ask(state) == "inactive");
    world.ask(call_for_scope("session-c1.scope"));
    world.ask(call("StopUnit", {"session-c1.scope", "fail"}));
    BOOST_TEST(world.ask(state) == "inactive");
}

BOOST_AUTO_TEST_CASE(unknown_bus_calls_are_refused_at_once) {
    World world;
    BOOST_TEST(world.ask(call("StartTransientUnit"))
                   .starts_with("org.freedesktop.DBus.Error.NotSupported"));
    BOOST_TEST(world.ask(call("Nonsense")).starts_with("org.freedesktop.DBus.Error.UnknownMethod"));
    BOOST_TEST(world.ask(call("Start", {"replace"}, unit_a))
                   .starts_with("org.freedesktop.DBus.Error.UnknownMethod"));
    BOOST_TEST(world.ask(call("GetUnit", {"a", "b"}))
                   .starts_with("org.freedesktop.DBus.Error.InvalidArgs"));
    BOOST_TEST(world.ask(call("GetUnit", {"a"}, "/x"))
                   .starts_with("org.freedesktop.DBus.Error.UnknownObject"));
    BOOST_TEST(world.questions.empty());
}

BOOST_AUTO_TEST_CASE(a_bus_call_that_expects_no_answer_gets_no_answer) {
    World world;
    bus::Message message = call("Nonsense");
    message.expects_answer = false;
    BOOST_TEST(world.ask(message) == "nothing");
}

BOOST_AUTO_TEST_CASE(a_too_long_bus_call_is_refused) {
    World world;
    bus::Message message = call("SetEnvironment");
    message.sender = root_client;
    world.session->take({message, true});
    BOOST_TEST(world.sent.back().error == "org.freedesktop.DBus.Error.LimitsExceeded");
}

BOOST_AUTO_TEST_CASE(malformed_arguments_of_a_bus_call_are_refused) {
    World world;
    bus::Message message = call("GetUnit", {"a.service"});
    message.body.pop_back();
    BOOST_TEST(world.ask(message).starts_with("org.freedesktop.DBus.Error.InvalidArgs"));
}

BOOST_AUTO_TEST_CASE(subscribers_are_notified_of_changes_until_they_leave) {
    World world;
    world.ask(call("StartUnit", {"a.service", "replace"}));
    BOOST_TEST(!world.has_signal("PropertiesChanged"));
    BOOST_TEST(world.ask(call("Subscribe"), user_client) == "");
    BOOST_REQUIRE(world.questions.size() == 1U);
    BOOST_TEST(world.questions[0].first == "AddMatch");
    world.ask(call("StopUnit", {"a.service", "replace"}));
    BOOST_TEST(world.has_signal("PropertiesChanged org.freedesktop.systemd1.Unit"));
    BOOST_TEST(world.has_signal("SubState stop-sigterm"));
    world.bus_says("NameOwnerChanged", {std::string(user_client), std::string(user_client), ""});
    BOOST_TEST(world.questions.back().first == "RemoveMatch");
    world.sent.clear();
    world.exit("/main");
    world.session->signal_changes();
    BOOST_TEST(!world.has_signal("PropertiesChanged"));
    BOOST_TEST(world.ask(call("Unsubscribe"), user_client)
                   .starts_with("org.freedesktop.systemd1.NotSubscribed"));
}

BOOST_AUTO_TEST_CASE(an_activation_request_starts_the_unit) {
    World world;
    world.bus_says("ActivationRequest", {"a.service"}, activator);
    BOOST_TEST(World::state_of(world.engine.unit(*unit::UnitName::parse("a.service")))
               == "active/running");
    BOOST_TEST(!world.has_signal("ActivationFailure"));
}

BOOST_AUTO_TEST_CASE(a_failed_activation_is_reported_to_the_bus) {
    const std::vector<std::pair<std::string, std::string>> failures = {
        {"missing.service", "org.freedesktop.systemd1.NoSuchUnit"},
        {"hand.service", "org.freedesktop.systemd1.OnlyByDependency"},
        {"no/name", "org.freedesktop.DBus.Error.InvalidArgs"},
    };
    for (const auto& [unit, error] : failures) {
        World world;
        world.bus_says("ActivationRequest", {unit}, activator);
        BOOST_TEST(world.has_signal("ActivationFailure " + unit + ' ' + error), unit);
        BOOST_TEST(world.sent.back().destination == bus::bus_name);
    }
    World world;
    world.add("late.service", "[Service]\nType=oneshot\nExecStart=/fails\n");
    world.bus_says("ActivationRequest", {"late.service"}, activator);
    BOOST_TEST(!world.has_signal("ActivationFailure"));
    world.exit("/fails", 1);
    BOOST_TEST(
        world.has_signal("ActivationFailure late.service org.freedesktop.DBus.Error.Failed"));
}

BOOST_AUTO_TEST_CASE(only_the_bus_activates_units) {
    World world;
    bus::Message signal =
        call("ActivationRequest", {"a.service"}, "/org/freedesktop/DBus", activator);
    signal.type = Type::signal;
    world.hear(signal, root_client);
    BOOST_TEST(world.engine.jobs().empty());
}

BOOST_AUTO_TEST_CASE(introspection_describes_the_objects_of_the_manager) {
    World world;
    world.ask(call("LoadUnit", {"a.service"}));
    const auto describe = [&](std::string_view path) {
        return world.ask(call("Introspect", {}, path, introspection_interface));
    };
    BOOST_TEST(describe("/").find("<node name=\"org\"/>") != std::string::npos);
    BOOST_TEST(describe(manager_path).find("<node name=\"unit\"/>") != std::string::npos);
    BOOST_TEST(describe("/org/freedesktop/systemd1/unit").find("<node name=\"a_2eservice\"/>")
               != std::string::npos);
    BOOST_TEST(describe(unit_a).find("name=\"MainPID\" type=\"u\"") != std::string::npos);
}

/// Checks that any message gets at most one answer, and that the answer is well-formed.
BOOST_AUTO_TEST_CASE(a_random_bus_message_gets_at_most_one_answer) {
    Dice dice(1);
    World world;
    const std::vector<std::string> words = {
        "a.service", "hand.service", "missing.service",           "",    "replace", "start",
        "Id",        "x@.service",   std::string(unit_interface), "\xff"};
    std::vector<std::string> members = {"Subscribe", "ActivationRequest", "NameOwnerChanged", ""};
    for (const std::string_view name : {manager_interface, unit_interface, properties_interface})
        for_each_member(find_interface(name).methods,
                        [&](const Member& member) { members.emplace_back(member.name); });
    for (int round = 0; round < 20000; ++round) {
        bus::Message message;
        message.type = static_cast<Type>(dice.below(6));
        message.serial = 7;
        message.reply_serial = static_cast<std::uint32_t>(dice.below(world.serial + 2));
        message.member = members[dice.below(members.size())];
        message.path = dice.pick({"/", "/org/freedesktop/systemd1",
                                  "/org/freedesktop/systemd1/unit/a_2eservice",
                                  "/org/freedesktop/systemd1/job/1", "/x"});
        message.interface =
            dice.pick({"", "org.freedesktop.systemd1.Manager", "org.freedesktop.systemd1.Unit",
                       "org.freedesktop.DBus.Properties", "org.freedesktop.systemd1.Activator"});
        message.signature = dice.pick({"", "s", "ss", "sss", "u", "ssi", "as", "asas", "ssv"});
        message.is_swapped = dice.one_in(8);
        bus::Writer body;
        for (const char type : message.signature)
            if (type == 's')
                body.add_string(words[dice.below(words.size())]);
            else
                body.add_number(static_cast<std::uint32_t>(dice.below(40)));
        message.body = body.bytes;
        if (dice.one_in(8) && !message.body.empty())
            message.body[dice.below(message.body.size())] = static_cast<char>(dice.below(256));
        world.sent.clear();
        world.hear(message, dice.pick({":1.1", ":1.2", "org.freedesktop.DBus"}));
        if (dice.one_in(2))
            world.run();
        if (dice.one_in(4) && !world.world.alive.empty())
            world.end(world.world.alive.begin()->first, process::ExitStatus::exited(0));
        world.session->signal_changes();
        for (const bus::Message& each : world.sent) {
            text_of(each);
            BOOST_TEST(bus::decode_message(bus::encode_message(1, each)).has_value());
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace notifybridge::dbus
