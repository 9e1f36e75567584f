#include "init/answers/dbus/object.hpp"

#include <boost/test/unit_test.hpp>

#include "base/bus/property.hpp"

namespace notifybridge::dbus {
namespace {

using Kind = Object::Kind;

BOOST_AUTO_TEST_SUITE(object)

BOOST_AUTO_TEST_CASE(bus_paths_of_units_and_jobs_are_parsed) {
    for (const std::string name : {"a.service", "1.mount", "x@\xc3\xa4.service", "_.service"}) {
        const Object unit = parse_path(bus::unit_path(name));
        BOOST_TEST((unit.kind == Kind::unit));
        BOOST_TEST(unit.unit == name);
    }
    const Object job = parse_path(job_path(77));
    BOOST_TEST((job.kind == Kind::job));
    BOOST_TEST(job.job == 77U);
    BOOST_TEST((parse_path(manager_path).kind == Kind::manager));
}

BOOST_AUTO_TEST_CASE(a_path_above_bus_objects_is_a_parent_object) {
    for (const std::string_view path :
         {"/", "/org", "/org/freedesktop", "/org/freedesktop/systemd1/unit",
          "/org/freedesktop/systemd1/job"})
        BOOST_TEST((parse_path(path).kind == Kind::parent));
}

BOOST_AUTO_TEST_CASE(an_invalid_bus_path_names_no_object) {
    for (const std::string_view path :
         {"", "/o", "/org/freedesktop/login1", "/org/freedesktop/systemd1/unit/_",
          "/org/freedesktop/systemd1/unit/a_", "/org/freedesktop/systemd1/unit/a_2",
          "/org/freedesktop/systemd1/unit/a_2x", "/org/freedesktop/systemd1/unit/",
          "/org/freedesktop/systemd1/job/", "/org/freedesktop/systemd1/job/-1",
          "/org/freedesktop/systemd1/job/99999999999999999999"})
        BOOST_TEST((parse_path(path).kind == Kind::none), path);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace notifybridge::dbus
