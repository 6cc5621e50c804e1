#pragma once
// Pools of a hypervisor, and the volumes in them.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libvirt/error.hpp"

struct _virConnect;

namespace reops::libvirt {

using Connect = _virConnect*;

struct PoolInfo {
  std::string name;
  bool active = false;
  int64_t capacity = 0;
  int64_t available = 0;
};

struct VolumeInfo {
  std::string name;
  std::string path;
  int64_t capacity = 0;
  int64_t allocation = 0;
};

base::Result<std::vector<PoolInfo>> pools(Connect c, const Call& call);
base::Result<std::string> pool_xml(Connect c, const Call& call, const std::string& pool);
/// Defines it, builds what it stands on where that is a folder, starts it, and has it started with the
/// hypervisor.
base::Result<void> make_pool(Connect c, const Call& call, const std::string& xml);
/// Starts a pool that is not; looks what there is in one that was filled from outside.
base::Result<void> refresh_pool(Connect c, const Call& call, const std::string& pool);
/// Stops and forgets it; what it stands on stays.
base::Result<void> forget_pool(Connect c, const Call& call, const std::string& pool);

base::Result<std::vector<VolumeInfo>> volumes(Connect c, const Call& call, const std::string& pool);
base::Result<std::optional<VolumeInfo>> volume(Connect c, const Call& call, const std::string& pool,
                                               const std::string& name);
/// The descriptions of all volumes of a pool.
base::Result<std::vector<std::string>> volume_xmls(Connect c, const Call& call, const std::string& pool);
base::Result<VolumeInfo> make_volume(Connect c, const Call& call, const std::string& pool,
                                     const std::string& xml);
/// A new volume with the content of another one.
base::Result<VolumeInfo> copy_volume(Connect c, const Call& call, const std::string& pool,
                                     const std::string& xml, const std::string& source_pool,
                                     const std::string& source);
/// One that is not there is no error.
base::Result<void> delete_volume(Connect c, const Call& call, const std::string& pool,
                                 const std::string& name);
base::Result<void> resize_volume(Connect c, const Call& call, const std::string& pool,
                                 const std::string& name, std::uint64_t bytes);
/// Fills a volume from a file of this machine.
base::Result<void> upload(Connect c, const Call& call, const std::string& pool, const std::string& name,
                          const std::string& file);

}  // namespace reops::libvirt
