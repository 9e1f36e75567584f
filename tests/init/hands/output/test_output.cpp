#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include "base/event/timer.hpp"
#include "base/system/pipe.hpp"
#include "init/hands/output/output_log.hpp"
#include "support/run_loop.hpp"

namespace notifybridge::output {
namespace {

using event::Awaitable;

struct Split {
    OutputLines lines;
    std::string seen;

    auto take() {
        return [this](util::Severity severity, std::string_view text) {
            seen += std::to_string(static_cast<int>(severity)) + std::string(text) + '|';
        };
    }
    std::string add(std::string_view bytes) {
        seen.clear();
        lines.add(bytes, take());
        return seen;
    }
    std::string end() {
        seen.clear();
        lines.end(take());
        return seen;
    }
};

std::string read_some(system::Fd fd) {
    char buffer[64 * 1024];
    const ssize_t size = ::read(fd.get(), buffer, sizeof buffer);
    return std::string(buffer, static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
}

bool is_any(const std::string&) {
    return true;
}

/// A log that writes to a pipe, and a pipe through which the test sends output to the log.
struct Logged {
    event::Loop loop;
    system::Pipe output = system::make_pipe();
    system::Pipe source = system::make_pipe();
    std::optional<OutputLog> log;

    Logged() {
        log.emplace(loop, output.writing);
        BOOST_TEST(!log->attach("a.service", 42, std::move(source.reading), {}));
    }
    void write(std::string_view text) const {
        BOOST_REQUIRE(::write(source.writing.get(), text.data(), text.size())
                      == static_cast<ssize_t>(text.size()));
    }
    void run(const std::function<Awaitable<>()>& body) {
        loop.spawn([this] { return log->run(); });
        loop.spawn([this] { return log->run_writer(); });
        notifybridge::test::run(loop, body);
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(output)

BOOST_AUTO_TEST_CASE(lines_of_output_are_split_as_by_systemd_journald) {
    Split split;
    BOOST_TEST(split.add("one\ntwo") == "3one|");
    BOOST_TEST(split.add(" more  \r\n\n  \nthree\nfour") == "3two more|3three|");
    BOOST_TEST(split.add(std::string_view("\0five\0six\n", 10)) == "3four|3five|3six|");
    BOOST_TEST(split.add("<3>bad\n<4>\n<7>detail\n<9>none\n") == "0bad|4detail|3<9>none|");
    BOOST_TEST(split.add("  kept in front\nend") == "3  kept in front|");
    BOOST_TEST(split.end() == "3end|");
    BOOST_TEST(split.end() == "");
}

BOOST_AUTO_TEST_CASE(lines_without_a_priority_have_the_usual_severity) {
    Split split{OutputLines(true, util::Severity::warning), {}};
    BOOST_TEST(split.add("one\n<3>two\n") == "1one|0two|");
}

BOOST_AUTO_TEST_CASE(a_number_in_angle_brackets_is_text_without_priorities) {
    Split split{OutputLines(false), {}};
    BOOST_TEST(split.add("<3>bad\n<7>\n") == "3<3>bad|3<7>|");
}

BOOST_AUTO_TEST_CASE(a_line_of_output_without_an_end_is_cut) {
    Split split;
    const std::string much(OutputLines::longest_line, 'x');
    BOOST_TEST(split.add(much) == "3" + much + "|");
    BOOST_TEST(split.add("y" + much + "z\n") == "3y" + much.substr(1) + "|3xz|");
    BOOST_TEST(split.add(much.substr(1)) == "");
    BOOST_TEST(split.add("\n") == "3" + much.substr(1) + "|");
}

BOOST_AUTO_TEST_CASE(only_the_last_lines_of_output_are_kept) {
    RecentLines recent;
    for (int number = 0; number < 100; ++number)
        recent.add("a", {{}, 0, util::Severity::info, std::to_string(number)});
    recent.add("a", {{}, 0, util::Severity::info, std::string(100000, 'x')});
    BOOST_TEST(recent.of("a").size() == RecentLines::most_lines);
    BOOST_TEST(recent.of("a").front().text == "81");
    BOOST_TEST(recent.of("a").back().text.size() == RecentLines::most_bytes + 3);
    BOOST_TEST(recent.of("b").empty());
    recent.forget("a");
    BOOST_TEST(recent.of("a").empty());
}

BOOST_AUTO_TEST_CASE(the_kept_output_of_a_unit_is_limited) {
    RecentLines recent;
    const std::string longest(RecentLines::most_bytes, 'x');
    for (std::size_t number = 0; number < RecentLines::most_lines; ++number)
        recent.add("a", {{}, 0, util::Severity::info, longest});
    recent.add("a", {{}, 0, util::Severity::info, "last"});
    BOOST_TEST(recent.of("a").size() == RecentLines::most_bytes_of_unit / RecentLines::most_bytes);
    BOOST_TEST(recent.of("a").back().text == "last");
}

BOOST_AUTO_TEST_CASE(lines_of_the_last_unloaded_units_are_kept) {
    RecentLines recent;
    const auto add = [&](const std::string& unit) {
        recent.add(unit, {{}, 0, util::Severity::info, "done"});
    };
    add("a");
    add("b");
    recent.unload("a");
    recent.unload("b");
    recent.unload("silent");
    add("a");  // The unit was loaded again.
    for (std::size_t number = 0; number < RecentLines::most_unloaded; ++number) {
        add(std::to_string(number));
        recent.unload(std::to_string(number));
    }
    BOOST_TEST(recent.of("a").size() == 2u);
    BOOST_TEST(recent.of("b").empty());
    BOOST_TEST(recent.of("0").size() == 1u);
}

BOOST_AUTO_TEST_CASE(each_line_of_output_names_its_unit_and_process) {
    Logged test;
    test.write("one\n<4>two\nrest");
    test.source.writing.reset();
    test.run([&]() -> Awaitable<> {
        co_await notifybridge::test::until(test.loop, [&] { return test.log->attached() == 0; });
    });
    BOOST_TEST(read_some(test.output.reading)
               == "a.service[42]: one\na.service[42]: two\na.service[42]: rest\n");
    const auto& recent = test.log->recent().of("a.service");
    BOOST_REQUIRE(recent.size() == 3u);
    BOOST_TEST((recent[1].severity == util::Severity::warning));
    BOOST_TEST(recent[1].pid == 42);
    BOOST_TEST(recent[1].time.realtime > 0u);
}

BOOST_AUTO_TEST_CASE(catch_up_reads_the_last_output_of_a_unit) {
    Logged test;
    test.write("last words\n");
    test.log->catch_up(is_any);
    test.log->say("a.service", util::Severity::notice, "ended");
    BOOST_TEST(read_some(test.output.reading) == "a.service[42]: last words\na.service: ended\n");
    BOOST_TEST(test.log->attached() == 1u);
    test.source.writing.reset();
    test.log->catch_up(is_any);
    BOOST_TEST(test.log->attached() == 0u);
}

BOOST_AUTO_TEST_CASE(catch_up_leaves_the_output_of_other_units) {
    Logged test;
    test.write("not yet\n");
    test.log->catch_up([](const std::string& unit) { return unit == "b.service"; });
    test.log->say("b.service", util::Severity::notice, "ended");
    BOOST_TEST(read_some(test.output.reading) == "b.service: ended\n");
}

BOOST_AUTO_TEST_CASE(a_slow_reader_of_our_output_loses_no_line) {
    Logged test;
    constexpr int lines = 40000;
    std::string all;
    test.run([&]() -> Awaitable<> {
        event::Timer timer(test.loop);
        ::fcntl(test.source.writing.get(), F_SETFL, O_NONBLOCK);
        const std::string line(63, 'x');
        for (int sent = 0; sent < lines;) {
            const std::string text = line + '\n';
            if (::write(test.source.writing.get(), text.data(), text.size()) > 0) {
                ++sent;
                continue;
            }
            all += read_some(test.output.reading);
            co_await timer.sleep(std::chrono::microseconds(100));
        }
        test.source.writing.reset();
        const std::size_t expected =
            lines * (line.size() + 1 + std::string("a.service[42]: ").size());
        while (all.size() < expected) {
            all += read_some(test.output.reading);
            co_await timer.sleep(std::chrono::microseconds(100));
        }
    });
    BOOST_TEST(std::count(all.begin(), all.end(), '\n') == lines);
    BOOST_TEST(all.find("dropped") == all.npos);
}

BOOST_AUTO_TEST_CASE(a_stopped_reader_of_our_output_blocks_no_process) {
    Logged test;
    std::string all;
    test.run([&]() -> Awaitable<> {
        event::Timer timer(test.loop);
        ::fcntl(test.source.writing.get(), F_SETFL, O_NONBLOCK);
        const std::string text = std::string(1023, 'x') + '\n';
        // No process reads our output, but the unit's process can write more than the queue holds.
        for (std::size_t written = 0; written < 2 * LineWriter::most;) {
            if (::write(test.source.writing.get(), text.data(), text.size()) < 0)
                co_await timer.sleep(std::chrono::milliseconds(1));
            else
                written += text.size();
        }
        // When the output is read again, the log reports the loss.
        while (all.find("lines, because nobody read the output") == all.npos) {
            all += read_some(test.output.reading);
            co_await timer.sleep(std::chrono::microseconds(100));
        }
    });
}

BOOST_AUTO_TEST_CASE(a_closed_reader_of_our_output_blocks_no_process) {
    ::signal(SIGPIPE, SIG_IGN);
    event::Loop loop;
    system::Pipe output = system::make_pipe();
    output.reading.reset();
    LineWriter writer(loop, output.writing);
    for (int count = 0; count < 1000; ++count) {
        writer.add(std::string(10000, 'x'));
        writer.flush();
        BOOST_TEST(!writer.is_full());
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::output
