#include "init/files/facts/machine_id.hpp"

#include <boost/test/unit_test.hpp>

#include <filesystem>

#include "support/temporary_directory.hpp"

namespace notifybridge::facts::test_machine_id {
namespace {

constexpr const char* known = "0123456789abcdef0123456789abcdef";

/// A machine whose files are in a temporary directory.
struct Machine {
    test::TemporaryDirectory directory;
    MachineId id{directory.path("machine-id"), directory.path("dbus"),
                 directory.path("run/first-boot"), std::nullopt};

    std::string set_up() const {
        id.set_up();
        return directory.read("machine-id");
    }

    bool is_first_boot() const {
        id.set_up();
        return std::filesystem::exists(id.path_of_first_boot);
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(machine_id)

BOOST_AUTO_TEST_CASE(an_existing_machine_id_is_kept) {
    const Machine machine;
    const std::string text = std::string(known) + "\n";
    machine.directory.write("machine-id", text);
    machine.directory.write("dbus", "ffffffffffffffffffffffffffffffff\n");
    BOOST_TEST(machine.set_up() == text);
}

BOOST_AUTO_TEST_CASE(an_empty_machine_id_file_gets_the_id_of_dbus_or_container) {
    Machine machine;
    machine.id.container_uuid = "01234567-89AB-cdef-0123-456789abcdef";
    machine.directory.write("machine-id", "");
    BOOST_TEST(machine.set_up() == std::string(known) + "\n");

    machine.directory.write("machine-id", "uninitialized\n");
    machine.directory.write("dbus", "00000000000000000000000000000001\n");
    BOOST_TEST(machine.set_up() == "00000000000000000000000000000001\n");
}

BOOST_AUTO_TEST_CASE(a_new_machine_id_is_random) {
    Machine machine;
    machine.id.container_uuid = "no id";
    const std::string first = machine.set_up();
    BOOST_TEST(parse_id128(first).has_value());
    BOOST_TEST(machine.set_up() == first);
    machine.directory.write("machine-id", "");
    BOOST_TEST(machine.set_up() != first);
}

BOOST_AUTO_TEST_CASE(a_machine_id_file_that_cannot_be_written_is_ignored) {
    Machine machine;
    machine.id.path = machine.directory.path("missing/machine-id");
    machine.id.set_up();
    BOOST_TEST(machine.directory.names() == std::vector<std::string>{"run"},
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_boot_without_a_machine_id_file_is_the_first_one) {
    const Machine machine;
    BOOST_TEST(machine.is_first_boot());
    // The file has an id now, so the mark of the first boot in /run does not count any more.
    BOOST_TEST(!machine.is_first_boot());
}

BOOST_AUTO_TEST_CASE(a_boot_with_an_uninitialized_machine_id_is_the_first_one) {
    const Machine machine;
    machine.directory.write("machine-id", "uninitialized\n");
    BOOST_TEST(machine.is_first_boot());
    BOOST_TEST(!machine.is_first_boot());
}

BOOST_AUTO_TEST_CASE(a_boot_with_an_empty_machine_id_file_is_not_the_first_one) {
    const Machine machine;
    machine.directory.write("machine-id", "");
    BOOST_TEST(!machine.is_first_boot());
}

BOOST_AUTO_TEST_CASE(each_boot_is_the_first_one_without_a_place_for_an_id) {
    Machine machine;
    machine.id.path = machine.directory.path("missing/machine-id");
    BOOST_TEST(machine.is_first_boot());
    BOOST_TEST(machine.is_first_boot());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::facts::test_machine_id
