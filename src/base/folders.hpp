#pragma once
// Where things live: the user's home and the XDG folders. REOPS_HOME moves all of ours under one folder,
// which is what demos and tests do.

#include <sys/types.h>

#include <string>

namespace reops::base {

/// $HOME, else the password database, else "/". It may not exist.
std::string home_folder();

/// The login name of this process's user; its number as text when it has no name.
std::string user_name();
/// That of another user.
std::string user_name_of(uid_t uid);

/// Replaces a leading "~" or "~/" with home_folder(). "~other" is left alone.
std::string expand_home(const std::string& path);

std::string config_folder();  ///< $REOPS_HOME/config,  else $XDG_CONFIG_HOME/reops, else ~/.config/reops
std::string data_folder();    ///< $REOPS_HOME/data,    else $XDG_DATA_HOME/reops,   else ~/.local/share/reops
std::string state_folder();   ///< $REOPS_HOME/state,   else $XDG_STATE_HOME/reops,  else ~/.local/state/reops
std::string cache_folder();   ///< $REOPS_HOME/cache,   else $XDG_CACHE_HOME/reops,  else ~/.cache/reops
std::string runtime_folder();  ///< $REOPS_HOME/run,     else $XDG_RUNTIME_DIR/reops, else state_folder()/run

}  // namespace reops::base
