#include "bridge/diagnosis/service_manager.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <functional>
#include <thread>

#include "base/bus/message.hpp"
#include "base/system/file.hpp"
#include "base/system/socket_address.hpp"
#include "base/util/concat.hpp"
#include "support/temporary_directory.hpp"

namespace notifybridge::diagnosis {
namespace {

using namespace std::chrono_literals;
using util::concat;

std::string number(std::uint32_t value) {
    return {reinterpret_cast<const char*>(&value), sizeof value};
}

std::string string(const std::string& text) {
    return number(static_cast<std::uint32_t>(text.size())) + text + '\0';
}

void pad(std::string& bytes, std::size_t alignment) {
    bytes.resize((bytes.size() + alignment - 1) / alignment * alignment);
}

/// Returns a message that answers the call with this serial.
std::string answer(std::uint32_t serial, const std::string& signature, const std::string& body,
                   char type = 2) {
    std::string fields = std::string("\5\1u\0", 4) + number(serial) + std::string("\10\1g\0", 4)
                         + static_cast<char>(signature.size()) + signature + '\0';
    std::string message = std::string("l") + type + "\1\1"
                          + number(static_cast<std::uint32_t>(body.size())) + number(9)
                          + number(static_cast<std::uint32_t>(fields.size())) + fields;
    pad(message, 8);
    return message + body;
}

std::string properties(const std::vector<std::pair<std::string, std::string>>& texts) {
    std::string body(8, '\0');
    for (const auto& [name, text] : texts) {
        pad(body, 8);
        body += string(name) + std::string("\1s\0", 3);
        pad(body, 4);
        body += string(text);
    }
    body.replace(0, 4, number(static_cast<std::uint32_t>(body.size() - 8)));
    return body;
}

std::optional<std::vector<UnitFacts>> ask_at(const std::string& path, uid_t user,
                                             const std::string& name,
                                             std::chrono::milliseconds patience = 2000ms) {
    const auto directory = system::open_directory(path);
    return directory ? ask_manager_in(*directory, user, name, patience) : std::nullopt;
}

/// A server in the place of a user's manager. It answers each received piece of data with the next
/// text of `answers`.
class FakeManager {
public:
    explicit FakeManager(std::vector<std::string> answers)
        : listener_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        const auto address = system::SocketAddress::unix_path(directory_.path("private"));
        BOOST_REQUIRE(::bind(listener_.get(), address.data(), address.size()) == 0);
        BOOST_REQUIRE(::listen(listener_.get(), 1) == 0);
        thread_ = std::thread([this, answers = std::move(answers)] { serve(answers); });
    }
    ~FakeManager() {
        ::shutdown(listener_.get(), SHUT_RDWR);
        thread_.join();
    }

    std::vector<UnitFacts> ask(const std::string& name, uid_t user = ::geteuid()) {
        return ask_at(directory_.path(), user, name).value_or(std::vector<UnitFacts>());
    }
    bool was_asked() const { return was_asked_; }

private:
    void serve(const std::vector<std::string>& answers) {
        const system::UniqueFd client(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
        char buffer[4096];
        for (const std::string& answer : answers) {
            if (!client || ::recv(client.get(), buffer, sizeof buffer, 0) <= 0)
                return;
            was_asked_ = true;
            (void)::send(client.get(), answer.data(), answer.size(), MSG_NOSIGNAL);
        }
        while (client && ::recv(client.get(), buffer, sizeof buffer, 0) > 0) {
        }
    }

    test::TemporaryDirectory directory_;
    system::UniqueFd listener_;
    std::atomic<bool> was_asked_ = false;
    std::thread thread_;
};

const std::string welcome = "OK 0123456789abcdef\r\n";

BOOST_AUTO_TEST_SUITE(service_manager)

BOOST_AUTO_TEST_CASE(the_properties_of_a_user_unit_are_read) {
    FakeManager manager(
        {welcome, answer(1, "a{sv}", properties({{"Id", "app.service"}, {"Type", "notify"}}))});
    const auto units = manager.ask("app.service");
    BOOST_TEST_REQUIRE(units.size() == 1U);
    BOOST_TEST(units[0].name == "app.service");
    BOOST_TEST(units[0].type == "notify");
}

BOOST_AUTO_TEST_CASE(the_properties_of_all_user_services_are_read) {
    std::string list(8, '\0');
    for (const std::string name : {"a.service", "b.mount", "c.service"}) {
        pad(list, 8);
        for (const std::string& text :
             {name, std::string("A"), std::string("loaded"), std::string("active"),
              std::string("running"), std::string(), "/" + name}) {
            pad(list, 4);
            list += string(text);
        }
        pad(list, 4);
        list += number(0) + string("");
        pad(list, 4);
        list += string("/");
    }
    list.replace(0, 4, number(static_cast<std::uint32_t>(list.size() - 8)));
    FakeManager manager({welcome, answer(1, "a(ssssssouso)", list),
                         answer(2, "a{sv}", properties({{"Id", "a.service"}})),
                         answer(3, "a{sv}", properties({{"Id", "c.service"}}))});
    const auto units = manager.ask("*.service");
    BOOST_TEST_REQUIRE(units.size() == 2U);
    BOOST_TEST(units[1].name == "c.service");
}

BOOST_AUTO_TEST_CASE(the_value_of_a_property_cannot_add_a_property) {
    FakeManager manager(
        {welcome, answer(1, "a{sv}",
                         properties({{"Id", "a.service\nMainPID=1"}, {"X=y\nType", "notify"}}))});
    const auto units = manager.ask("app.service");
    BOOST_TEST_REQUIRE(units.size() == 1U);
    BOOST_TEST(units[0].main_pid == 0);
    BOOST_TEST(units[0].type == "");
}

BOOST_AUTO_TEST_CASE(a_unit_that_the_manager_refuses_does_not_exist) {
    constexpr char error = 3;
    FakeManager manager({welcome, answer(1, "s", string("Unknown object"), error)});
    const auto units = manager.ask("a!.service");
    BOOST_TEST_REQUIRE(units.size() == 1U);
    BOOST_TEST(units[0].name == "a!.service");
    BOOST_TEST(units[0].load_state == "not-found");
}

BOOST_AUTO_TEST_CASE(a_manager_socket_of_another_user_is_not_used) {
    FakeManager manager({welcome});
    BOOST_TEST(manager.ask("app.service", ::geteuid() + 1).empty());
    BOOST_TEST(!manager.was_asked());
}

BOOST_AUTO_TEST_CASE(a_link_to_a_manager_socket_is_not_followed) {
    FakeManager manager({welcome});
    const test::TemporaryDirectory other;
    BOOST_REQUIRE(::symlink("/run/systemd/private", other.path("private").c_str()) == 0);
    BOOST_TEST(!ask_at(other.path(), ::geteuid(), "app.service").has_value());
    BOOST_TEST(!ask_at(other.path("none"), ::geteuid(), "app.service").has_value());
}

BOOST_AUTO_TEST_CASE(a_service_manager_that_does_not_answer_times_out) {
    FakeManager silent({welcome, ""});
    BOOST_TEST(!ask_at("/", ::geteuid(), "app.service", 1ms).has_value());
    BOOST_TEST(silent.ask("app.service").empty());
    FakeManager rude({"REJECTED\r\n"});
    BOOST_TEST(rude.ask("app.service").empty());
    FakeManager garbled({welcome, std::string(4096, '\xff')});
    BOOST_TEST(garbled.ask("app.service").empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace notifybridge::diagnosis
