#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include "base/bus/message.hpp"
#include "base/system/socket_address.hpp"
#include "base/util/concat.hpp"
#include "init/hands/perform/bus_names.hpp"
#include "support/child.hpp"
#include "support/run_loop.hpp"
#include "support/temporary_directory.hpp"

namespace notifybridge::perform {
namespace {

using event::Awaitable;
using system::UniqueFd;
using Type = bus::Message::Type;

/// A message of a bus, built by hand from fields of strings and numbers, and a body of strings.
class Saying {
public:
    Saying(Type type, std::string_view sender) : type_(type) { field(7, 's', sender); }

    Saying& member(std::string_view name) { return field(3, 's', name); }
    Saying& answers(std::uint32_t serial) {
        begin_field(5, 'u');
        add_number(fields_, serial);
        return *this;
    }
    Saying& strings(const std::vector<std::string>& texts) {
        begin_field(8, 'g');
        fields_ += static_cast<char>(texts.size());
        fields_ += std::string(texts.size(), 's') + '\0';
        for (const std::string& text : texts)
            add_string(body_, text);
        return *this;
    }
    std::string bytes() const {
        std::string all = {'l', static_cast<char>(type_), 1, 1};
        for (const std::size_t number : {body_.size(), std::size_t(77), fields_.size()})
            add_number(all, static_cast<std::uint32_t>(number));
        all += fields_;
        all.resize((all.size() + 7) / 8 * 8);
        return all + body_;
    }

private:
    static void add_number(std::string& to, std::uint32_t number) {
        to.resize((to.size() + 3) / 4 * 4);
        to.append(reinterpret_cast<const char*>(&number), sizeof number);
    }
    static void add_string(std::string& to, std::string_view text) {
        add_number(to, static_cast<std::uint32_t>(text.size()));
        to.append(text) += '\0';
    }
    void begin_field(char code, char type) {
        fields_.resize((fields_.size() + 7) / 8 * 8);
        fields_ += {code, 1, type, '\0'};
    }
    Saying& field(char code, char type, std::string_view text) {
        begin_field(code, type);
        add_string(fields_, text);
        return *this;
    }

    Type type_;
    std::string fields_;
    std::string body_;
};

std::string change(std::string_view sender, const std::string& name, const std::string& owner) {
    return Saying(Type::signal, sender)
        .member("NameOwnerChanged")
        .strings({name, "", owner})
        .bytes();
}

/// A watcher of names on a bus. The test takes the place of the bus.
struct World {
    notifybridge::test::TemporaryDirectory directory;
    event::Loop loop;
    event::Poller poller{loop};
    notifybridge::test::ReapsChildren children;  // Those of the closer.
    process::FdCloser closer{loop};
    BusNames names{loop, poller, closer,
                   "tcp:host=none;unix:path=" + directory.path("bus") + ",guid=1"};
    UniqueFd listener;
    UniqueFd bus;
    std::string heard;
    std::string told;

    World() {
        loop.spawn([this] { return poller.run(); });
    }

    void listen() {
        const auto address = system::SocketAddress::unix_path(directory.path("bus"));
        listener = UniqueFd(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        BOOST_REQUIRE(::bind(listener.get(), address.data(), address.size()) == 0);
        BOOST_REQUIRE(::listen(listener.get(), 5) == 0);
    }
    void watch(const std::string& unit, const std::string& name) {
        names.watch(unit, name, [this, unit](bool has_owner) {
            told += util::concat(unit, has_owner ? " has it; " : " has it not; ");
        });
    }
    /// Runs until `is_so` holds, and records the bytes that the bus receives.
    void until(const std::function<bool()>& is_so) {
        test::run(loop, [&]() -> Awaitable<> {
            co_await test::until(loop, [&] {
                hear();
                return is_so();
            });
        });
    }
    void hear() {
        if (listener && !bus)
            bus = UniqueFd(::accept4(listener.get(), nullptr, nullptr, SOCK_NONBLOCK));
        char buffer[4096];
        for (ssize_t size; bus && (size = ::recv(bus.get(), buffer, sizeof buffer, 0)) > 0;)
            heard.append(buffer, static_cast<std::size_t>(size));
    }
    void say(const std::string& bytes) {
        BOOST_REQUIRE(::send(bus.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL)
                      == static_cast<ssize_t>(bytes.size()));
    }
    void await_question(const std::string& name) {
        until([&] {
            return heard.find("GetNameOwner") != heard.npos && heard.ends_with(name + '\0');
        });
    }
    void accept() {
        await_question("a.b");
        say("OK 1234\r\n");
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(bus_names)

BOOST_AUTO_TEST_CASE(watchers_are_notified_of_name_changes) {
    World world;
    world.listen();
    world.watch("a.service", "a.b");
    world.accept();
    // The serials of Hello, AddMatch and GetNameOwner are 1, 2 and 3.
    world.say(Saying(Type::answer, bus::bus_name).answers(1).strings({":1.5"}).bytes());
    world.say(Saying(Type::error, bus::bus_name).answers(3).bytes());
    world.until([&] { return world.told == "a.service has it not; "; });
    world.watch("b.service", "c.d");
    world.await_question("c.d");
    const std::string both = change(bus::bus_name, "a.b", ":1.7")
                             + Saying(Type::answer, bus::bus_name).answers(5).bytes();
    world.told.clear();
    for (const char byte : both)
        world.say({byte});
    world.until([&] { return world.told == "a.service has it; b.service has it; "; });
    world.told.clear();
    world.names.unwatch("a.service");
    world.say(change(bus::bus_name, "a.b", ""));
    world.say(change(bus::bus_name, "c.d", ""));
    world.until([&] { return world.told == "b.service has it not; "; });
    world.names.unwatch("b.service");
    char end;
    world.until([&] { return ::recv(world.bus.get(), &end, 1, 0) == 0; });
}

BOOST_AUTO_TEST_CASE(name_changes_are_accepted_only_from_the_bus) {
    World world;
    world.listen();
    world.watch("a.service", "a.b");
    world.accept();
    world.say(change(":1.8", "a.b", ":1.8"));
    world.say(Saying(Type::answer, ":1.8").answers(3).strings({":1.8"}).bytes());
    world.say(Saying(Type::error, bus::bus_name).answers(3).bytes());
    world.until([&] { return !world.told.empty(); });
    BOOST_TEST(world.told == "a.service has it not; ");
}

BOOST_AUTO_TEST_CASE(a_bus_that_starts_late_or_again_is_queried_for_its_names) {
    World world;
    world.watch("a.service", "a.b");
    world.listen();
    world.accept();
    const std::vector<std::string> bad = {"no bus\r\n", std::string(40, 'x'),
                                          std::string(100000, 'x')};
    for (const std::string& answer : bad) {
        world.say(answer);
        // The watcher disconnects, or sees the end of the connection, and connects again.
        world.bus.reset();
        world.heard.clear();
        world.await_question("a.b");
        world.say("OK 1\r\n");
    }
    world.say(change(bus::bus_name, "a.b", ":1.7"));
    world.until([&] { return world.told == "a.service has it; "; });
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::perform
