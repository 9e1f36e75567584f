#pragma once

namespace notifybridge::install {

/// --preset-mode=: which of the two is done.
enum class PresetMode { full, enable_only, disable_only };

}  // namespace notifybridge::install
