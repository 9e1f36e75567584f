#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <string>

#include "base/system/file.hpp"
#include "bridge/channel/directory.hpp"
#include "bridge/channel/host_file.hpp"
#include "bridge/channel/print.hpp"
#include "support/temporary_directory.hpp"

namespace notifybridge::channel::test_host_file_reader {
namespace {

struct Shared {
    test::TemporaryDirectory directory;
    HostFileReader reader{directory.fd()};
    HostFile host;

    Shared() { host.facts.pid = 4321; }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(host_file_on_disk, Shared)

BOOST_AUTO_TEST_CASE(published_facts_are_read_from_the_host_file) {
    HostFileWriter writer(directory.fd());
    BOOST_TEST(!reader.refresh());
    BOOST_TEST(!reader.read().has_value());
    BOOST_TEST(writer.publish(host).has_value());
    BOOST_TEST(reader.refresh());
    BOOST_TEST(reader.read().value() == host);
}

BOOST_AUTO_TEST_CASE(the_progress_in_a_host_file_is_updated_in_place) {
    HostFileWriter writer(directory.fd());
    BOOST_TEST(writer.publish(host).has_value());
    reader.refresh();
    const auto before = system::identity(directory.fd(), host_name);
    host.progress = {0x0102030405060708, 12, 3};
    writer.update(host.progress);
    BOOST_TEST((*before == *system::identity(directory.fd(), host_name)));
    BOOST_TEST(reader.read().value() == host);
    BOOST_TEST(directory.names() == std::vector<std::string>{host_name},
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(refresh_opens_a_replaced_host_file) {
    HostFileWriter writer(directory.fd());
    BOOST_TEST(writer.publish(host).has_value());
    reader.refresh();
    const HostFile before = host;
    host.facts.signals = {{1, 15}};
    BOOST_TEST(writer.publish(host).has_value());
    BOOST_TEST(reader.read().value() == before);
    reader.refresh();
    BOOST_TEST(reader.read().value() == host);
}

BOOST_AUTO_TEST_CASE(the_writer_of_a_host_file_is_alive_while_it_has_the_lock) {
    {
        HostFileWriter writer(directory.fd());
        BOOST_TEST(writer.publish(host).has_value());
        BOOST_TEST(writer.publish(host).has_value());
        BOOST_TEST(reader.look().writer_lives);
    }
    const HostSight sight = reader.look();
    BOOST_TEST(!sight.writer_lives);
    BOOST_TEST(sight.file.value() == host);
}

BOOST_AUTO_TEST_CASE(look_opens_a_replaced_host_file) {
    {
        HostFileWriter writer(directory.fd());
        BOOST_TEST(writer.publish(host).has_value());
        reader.refresh();
        host.facts.signals = {{1, 15}};
        BOOST_TEST(writer.publish(host).has_value());
        const HostSight sight = reader.look();
        BOOST_TEST(sight.writer_lives);
        BOOST_TEST(sight.file.value() == host);
    }
    BOOST_TEST(!reader.look().writer_lives);
}

BOOST_AUTO_TEST_CASE(a_missing_host_file_has_no_contents) {
    HostFileWriter writer(directory.fd());
    BOOST_TEST(writer.publish(host).has_value());
    reader.refresh();
    std::filesystem::remove(directory.path(host_name));
    BOOST_TEST(!reader.refresh());
    BOOST_TEST(!reader.read().has_value());
    BOOST_TEST(!reader.look().writer_lives);
}

BOOST_AUTO_TEST_CASE(a_link_named_host_is_not_followed) {
    directory.write("elsewhere", encode(host));
    BOOST_TEST_REQUIRE(::symlinkat("elsewhere", directory.fd().get(), host_name) == 0);
    BOOST_TEST(!reader.refresh());
    HostFileWriter writer(directory.fd());
    host.facts.pid = 1;
    BOOST_TEST(writer.publish(host).has_value());
    BOOST_TEST(decode_host_file(directory.read("elsewhere")).value().facts.pid == 4321);
    BOOST_TEST(decode_host_file(directory.read(host_name)).value().facts.pid == 1);
}

BOOST_AUTO_TEST_CASE(a_huge_host_file_is_not_read_to_its_end) {
    directory.write(host_name, encode(host));
    std::filesystem::resize_file(directory.path(host_name), std::uintmax_t{1} << 40);
    BOOST_TEST(reader.refresh());
    BOOST_TEST(!reader.read().has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::channel::test_host_file_reader
