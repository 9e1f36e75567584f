#pragma once

#include "init/files/load/type_row.hpp"

/// The rows of the table of unit types. Each row is defined in its own file, such as
/// service_type.cpp.
namespace notifybridge::load {

TypeRow path_row();
TypeRow service_row();
TypeRow socket_row();
TypeRow target_row();
TypeRow timer_row();

}  // namespace notifybridge::load
