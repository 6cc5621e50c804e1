#pragma once
// The configuration, which is read and checked by our own language (lib/reops/config.clj).

#include <string>

#include "lang/value/ref.hpp"

namespace reops::app {

/// The variable of the environment that says to do without one.
inline constexpr const char* k_no_config = "REOPS_NO_CONFIG";

/// Whether config.edn and init.clj are left alone: --no-config, or k_no_config.
bool without_configuration();

/// The init file of the configuration; empty when there is none, or none is wanted.
std::string configured_init_file();

/// Whether the configuration is as it should be; what is wrong with it has been said. The language is not
/// asked when there is no file.
bool check_configuration();

/// Limits memory as the configuration has it, if it does.
void limit_memory();

/// The value of a setting: configured("nrepl", "port").
lang::Ref configured(const char* section, const char* setting);

}  // namespace reops::app
