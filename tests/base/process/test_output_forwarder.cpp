#include "base/process/output_forwarder.hpp"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <termios.h>

#include <boost/test/unit_test.hpp>

#include "base/event/signals.hpp"
#include "base/process/children.hpp"
#include "base/process/pseudo_terminal.hpp"
#include "support/descriptors.hpp"
#include "support/run_loop.hpp"

namespace notifybridge::process {
namespace {

enum class Original { pipe, socket, terminal };

std::ostream& operator<<(std::ostream& stream, Original kind) {
    return stream << (kind == Original::pipe     ? "pipe"
                      : kind == Original::socket ? "socket"
                                                 : "terminal");
}

/// The original output, to which the forwarder writes. Its reading end does not block.
struct Outer {
    system::UniqueFd reading;
    system::UniqueFd writing;

    explicit Outer(Original kind = Original::pipe) {
        int ends[2];
        if (kind == Original::terminal) {
            PseudoTerminal made = make_pseudo_terminal(system::Fd());
            reading = std::move(made.ours);
            writing = std::move(made.others);
            termios settings{};
            ::tcgetattr(writing.get(), &settings);
            ::cfmakeraw(&settings);
            ::tcsetattr(writing.get(), TCSANOW, &settings);
            return;
        }
        BOOST_REQUIRE((kind == Original::pipe ? ::pipe2(ends, O_CLOEXEC)
                                              : ::socketpair(AF_UNIX, SOCK_STREAM, 0, ends))
                      == 0);
        reading.reset(ends[0]);
        writing.reset(ends[1]);
        ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
    }

    /// Returns the data that can be read now.
    std::string read() const {
        std::string text(1 << 20, '\0');
        const ssize_t size = ::read(reading.get(), text.data(), text.size());
        text.resize(static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
        return text;
    }
};

struct Fixture {
    event::Loop loop;
    event::Signals signals{loop};  // Blocks SIGPIPE, as in every program with a supervisor.
    std::string shown;
    std::string arrived;

    void listen(OutputForwarder& forwarder) {
        forwarder.on_bytes = [this](std::string_view bytes) { shown += bytes; };
    }

    /// Starts forwarding. Returns the descriptor to which the command would write.
    static system::UniqueFd start(OutputForwarder& forwarder) {
        system::UniqueFd end = event::duplicate(forwarder.command_end());
        forwarder.started();
        return end;
    }

    void until(const std::function<bool()>& condition) {
        test::run(loop, [&] { return test::until(loop, condition); });
    }

    void until_arrived(const Outer& outer, const std::string& text) {
        until([&] {
            arrived += outer.read();
            return arrived.size() >= text.size();
        });
        BOOST_TEST((arrived == text));
        arrived.clear();
    }

    void finish(OutputForwarder& forwarder) {
        test::run(loop, [&] { return forwarder.finish(); });
    }
};

void write_all(system::Fd to, std::string_view text) {
    while (!text.empty()) {
        const ssize_t size = ::write(to.get(), text.data(), text.size());
        BOOST_REQUIRE(size > 0);
        text.remove_prefix(static_cast<std::size_t>(size));
    }
}

/// Fills a pipe, a socket or a terminal without blocking. Returns how many bytes fit.
std::size_t fill(system::Fd to) {
    const std::string piece(4096, 'x');
    std::size_t total = 0;
    ::fcntl(to.get(), F_SETFL, O_NONBLOCK);
    for (ssize_t size = 0; (size = ::write(to.get(), piece.data(), piece.size())) > 0;)
        total += static_cast<std::size_t>(size);
    ::fcntl(to.get(), F_SETFL, 0);
    return total;
}

constexpr auto kinds = {Original::pipe, Original::socket, Original::terminal};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(output_forwarder, Fixture)

BOOST_AUTO_TEST_CASE(every_byte_of_output_arrives_and_is_reported_once) {
    for (const Original kind : kinds) {
        BOOST_TEST_CONTEXT(kind) {
            const Outer outer(kind);
            OutputForwarder forwarder(loop, outer.writing);
            listen(forwarder);
            shown.clear();
            const system::UniqueFd end = start(forwarder);
            std::string all;
            for (int byte = 0; byte < 256; ++byte)
                all += static_cast<char>(byte);
            all += "\r\n\nno end";
            write_all(end, all);
            until_arrived(outer, all);
            BOOST_TEST((shown == all));
            finish(forwarder);
        }
    }
}

BOOST_AUTO_TEST_CASE(the_command_gets_a_terminal_only_if_our_output_is_one) {
    for (const Original kind : kinds) {
        BOOST_TEST_CONTEXT(kind) {
            const Outer outer(kind);
            const winsize size{40, 132, 0, 0};
            ::ioctl(outer.writing.get(), TIOCSWINSZ, &size);
            OutputForwarder forwarder(loop, outer.writing);
            const bool is_terminal = ::isatty(forwarder.command_end().get());
            BOOST_TEST(is_terminal == (kind == Original::terminal));
            BOOST_TEST(!forwarder.no_terminal());
            if (!is_terminal)
                continue;
            const system::UniqueFd end = start(forwarder);
            winsize got{};
            ::ioctl(end.get(), TIOCGWINSZ, &got);
            BOOST_TEST(got.ws_row == 40);
            BOOST_TEST(got.ws_col == 132);
            const winsize other{25, 80, 0, 0};
            ::ioctl(outer.writing.get(), TIOCSWINSZ, &other);
            forwarder.follow_size();
            ::ioctl(end.get(), TIOCGWINSZ, &got);
            BOOST_TEST(got.ws_row == 25);
            finish(forwarder);
        }
    }
}

BOOST_AUTO_TEST_CASE(an_output_forwarder_throws_without_free_descriptors) {
    const Outer outer(Original::terminal);
    const test::DescriptorsUsedUp none;
    BOOST_CHECK_THROW(OutputForwarder(loop, outer.writing), std::system_error);
}

BOOST_AUTO_TEST_CASE(the_original_output_keeps_its_flags) {
    for (const Original kind : kinds) {
        BOOST_TEST_CONTEXT(kind) {
            const Outer outer(kind);
            OutputForwarder forwarder(loop, outer.writing);
            listen(forwarder);
            const system::UniqueFd end = start(forwarder);
            const std::size_t filled = fill(outer.writing);
            write_all(end, "waits");
            until([&] { return shown.find("waits") != shown.npos; });
            BOOST_TEST((::fcntl(outer.writing.get(), F_GETFL) & O_NONBLOCK) == 0);
            BOOST_TEST((::fcntl(end.get(), F_GETFL) & O_NONBLOCK) == 0);
            until_arrived(outer, std::string(filled, 'x') + "waits");
            shown.clear();
            finish(forwarder);
        }
    }
}

BOOST_AUTO_TEST_CASE(a_stopped_reader_of_output_blocks_the_writer_without_loss) {
    for (const Original kind : kinds) {
        BOOST_TEST_CONTEXT(kind) {
            const Outer outer(kind);
            OutputForwarder forwarder(loop, outer.writing);
            listen(forwarder);
            shown.clear();
            const system::UniqueFd end = start(forwarder);
            const std::size_t before = fill(outer.writing);
            // Write as the command, until the descriptor accepts no byte for several turns. The
            // kernel may take longer than these turns to pass bytes through a terminal.
            std::size_t total = 0;
            int still = 0;
            until([&] {
                const std::size_t more = fill(end);
                total += more;
                still = more == 0 ? still + 1 : 0;
                return still > 20 && !shown.empty();
            });
            BOOST_TEST(total > 4096);
            BOOST_TEST(total < 512 * 1024);
            until_arrived(outer, std::string(before + total, 'x'));
            finish(forwarder);
        }
    }
}

BOOST_AUTO_TEST_CASE(a_probe_gets_output_although_the_output_reader_has_stopped) {
    const Outer outer;
    OutputForwarder forwarder(loop, outer.writing);
    listen(forwarder);
    const system::UniqueFd end = start(forwarder);
    const std::size_t filled = fill(outer.writing);
    write_all(end, "first");
    until([&] { return shown == "first"; });
    write_all(end, "second");
    forwarder.catch_up();
    BOOST_TEST(shown == "firstsecond");
    until_arrived(outer, std::string(filled, 'x') + "firstsecond");
    finish(forwarder);
}

BOOST_AUTO_TEST_CASE(a_writer_of_output_notices_that_the_reader_is_gone) {
    for (const Original kind : {Original::pipe, Original::socket}) {
        BOOST_TEST_CONTEXT(kind) {
            Outer outer(kind);
            OutputForwarder forwarder(loop, outer.writing);
            listen(forwarder);
            const system::UniqueFd end = start(forwarder);
            outer.reading.reset();
            until([&] { return ::write(end.get(), "x", 1) < 0; });
            BOOST_TEST(errno == EPIPE);
            finish(forwarder);
        }
    }
}

BOOST_AUTO_TEST_CASE(a_full_disk_for_output_is_reported_once) {
    const system::UniqueFd full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
    OutputForwarder forwarder(loop, full);
    listen(forwarder);
    int said = 0;
    forwarder.on_loss = [&](boost::system::error_code error) {
        ++said;
        BOOST_TEST(error.value() == ENOSPC);
    };
    const system::UniqueFd end = start(forwarder);
    for (const std::size_t total : {5u, 10u}) {
        write_all(end, "12345");
        until([&] { return shown.size() == total; });
    }
    finish(forwarder);
    BOOST_TEST(said == 1);
}

BOOST_AUTO_TEST_CASE(an_output_file_keeps_the_order_of_several_writers) {
    char name[] = "/tmp/notifybridge-test.XXXXXX";
    const system::UniqueFd file(::mkstemp(name));
    ::unlink(name);
    write_all(file, "before ");
    OutputForwarder forwarder(loop, file);
    listen(forwarder);
    system::UniqueFd end = start(forwarder);
    write_all(end, "through");
    end.reset();
    finish(forwarder);
    write_all(file, " after");
    char text[64];
    const ssize_t size = ::pread(file.get(), text, sizeof text, 0);
    BOOST_TEST(std::string_view(text, static_cast<std::size_t>(size)) == "before through after");
}

BOOST_AUTO_TEST_CASE(finish_waits_for_the_reader_of_output_but_not_for_writers) {
    const Outer outer;
    OutputForwarder forwarder(loop, outer.writing);
    listen(forwarder);
    const system::UniqueFd end = start(forwarder);
    const std::size_t filled = fill(outer.writing);
    write_all(end, "late");
    bool finished = false;
    loop.spawn([&]() -> event::Awaitable<> {
        co_await forwarder.finish();
        finished = true;
    });
    until([&] { return shown == "late"; });
    for (int turn = 0; turn < 20; ++turn)
        test::run(loop, [this] { return loop.yield(); });
    BOOST_TEST(!finished);
    until_arrived(outer, std::string(filled, 'x') + "late");
    until([&] { return finished; });
}

BOOST_AUTO_TEST_CASE(give_up_ends_the_wait_for_the_reader_of_output) {
    const Outer outer;
    OutputForwarder forwarder(loop, outer.writing);
    listen(forwarder);
    const system::UniqueFd end = start(forwarder);
    fill(outer.writing);
    write_all(end, "late");
    until([&] { return shown == "late"; });
    BOOST_TEST(forwarder.give_up() == 4u);
    finish(forwarder);
}

BOOST_AUTO_TEST_CASE(an_endless_writer_does_not_starve_other_writers) {
    const system::UniqueFd nothing(::open("/dev/null", O_WRONLY | O_CLOEXEC));
    OutputForwarder forwarder(loop, nothing);
    listen(forwarder);
    Command command = shell("exec yes");
    command.output = forwarder.command_end();
    const Child writer = spawn(command);
    forwarder.started();
    until([&] { return shown.size() > 4'000'000; });
    forwarder.stop_showing();
    const std::size_t before = shown.size();
    finish(forwarder);
    BOOST_TEST(shown.size() == before);
    ::kill(writer.pid, SIGKILL);
    end_of(writer);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::process
