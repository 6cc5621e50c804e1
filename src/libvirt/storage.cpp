#include "libvirt/storage.hpp"

#include <fcntl.h>
#include <unistd.h>

#include "base/errors.hpp"
#include "base/unique_fd.hpp"
#include "libvirt/handles.hpp"

namespace reops::libvirt {
namespace {

base::Result<PoolHandle> pool_of(Connect c, const Call& call, const std::string& name) {
  PoolHandle pool(virStoragePoolLookupByName(c, name.c_str()));
  if (!pool) return last_error(call);
  return pool;
}

base::Result<VolumeHandle> volume_of(Connect c, const Call& call, const std::string& pool,
                                     const std::string& name) {
  auto p = pool_of(c, call, pool);
  if (!p) return p.error();
  VolumeHandle volume(virStorageVolLookupByName(p.value().get(), name.c_str()));
  if (!volume) return last_error(call);
  return volume;
}

base::Result<void> done(int answer, const Call& call) {
  if (answer < 0) return last_error(call);
  return {};
}

base::Result<VolumeInfo> describe(virStorageVolPtr volume, const Call& call) {
  virStorageVolInfo raw;
  if (virStorageVolGetInfo(volume, &raw) < 0) return last_error(call);
  char* path = virStorageVolGetPath(volume);
  if (!path) return last_error(call);
  return VolumeInfo{virStorageVolGetName(volume), taken(path), static_cast<int64_t>(raw.capacity),
                    static_cast<int64_t>(raw.allocation)};
}

base::Result<VolumeInfo> made(virStorageVolPtr raw, const Call& call) {
  VolumeHandle volume(raw);
  if (!volume) return last_error(call);
  return describe(volume.get(), call);
}

}  // namespace

base::Result<std::vector<PoolInfo>> pools(Connect c, const Call& call) {
  HandleList<PoolHandle> all;
  all.count = virConnectListAllStoragePools(c, &all.items, 0);
  if (all.count < 0) return last_error(call);
  std::vector<PoolInfo> listed;
  for (virStoragePoolPtr p : all) {
    virStoragePoolInfo raw;
    if (virStoragePoolGetInfo(p, &raw) < 0) return last_error(call);
    listed.push_back({virStoragePoolGetName(p), raw.state == VIR_STORAGE_POOL_RUNNING,
                      static_cast<int64_t>(raw.capacity), static_cast<int64_t>(raw.available)});
  }
  return listed;
}

base::Result<std::string> pool_xml(Connect c, const Call& call, const std::string& pool) {
  auto p = pool_of(c, call, pool);
  if (!p) return p.error();
  char* xml = virStoragePoolGetXMLDesc(p.value().get(), 0);
  if (!xml) return last_error(call);
  return taken(xml);
}

base::Result<void> make_pool(Connect c, const Call& call, const std::string& xml) {
  PoolHandle pool(virStoragePoolDefineXML(c, xml.c_str(), 0));
  if (!pool) return last_error(call);
  // What cannot be built (a disk, a volume group) has to be there, and start says so.
  virStoragePoolBuild(pool.get(), 0);
  if (virStoragePoolCreate(pool.get(), 0) < 0) {
    base::Error error = last_error(call);
    virStoragePoolUndefine(pool.get());
    return error;
  }
  return done(virStoragePoolSetAutostart(pool.get(), 1), call);
}

base::Result<void> refresh_pool(Connect c, const Call& call, const std::string& pool) {
  auto p = pool_of(c, call, pool);
  if (!p) return p.error();
  if (virStoragePoolIsActive(p.value().get()) == 0)
    return done(virStoragePoolCreate(p.value().get(), 0), call);
  return done(virStoragePoolRefresh(p.value().get(), 0), call);
}

base::Result<void> forget_pool(Connect c, const Call& call, const std::string& pool) {
  auto p = pool_of(c, call, pool);
  if (!p) return p.error();
  if (virStoragePoolIsActive(p.value().get()) == 1 && virStoragePoolDestroy(p.value().get()) < 0)
    return last_error(call);
  return done(virStoragePoolUndefine(p.value().get()), call);
}

base::Result<std::vector<VolumeInfo>> volumes(Connect c, const Call& call, const std::string& pool) {
  auto p = pool_of(c, call, pool);
  if (!p) return p.error();
  HandleList<VolumeHandle> all;
  all.count = virStoragePoolListAllVolumes(p.value().get(), &all.items, 0);
  if (all.count < 0) return last_error(call);
  std::vector<VolumeInfo> listed;
  for (virStorageVolPtr v : all) {
    // One that goes meanwhile is left out.
    if (auto info = describe(v, call)) listed.push_back(std::move(info).value());
  }
  return listed;
}

base::Result<std::optional<VolumeInfo>> volume(Connect c, const Call& call, const std::string& pool,
                                               const std::string& name) {
  auto v = volume_of(c, call, pool, name);
  if (!v) {
    if (v.error().type == "libvirt/no-volume") return std::optional<VolumeInfo>();
    return v.error();
  }
  auto info = describe(v.value().get(), call);
  if (!info) return info.error();
  return std::optional<VolumeInfo>(std::move(info).value());
}

base::Result<std::vector<std::string>> volume_xmls(Connect c, const Call& call, const std::string& pool) {
  auto p = pool_of(c, call, pool);
  if (!p) return p.error();
  HandleList<VolumeHandle> all;
  all.count = virStoragePoolListAllVolumes(p.value().get(), &all.items, 0);
  if (all.count < 0) return last_error(call);
  std::vector<std::string> listed;
  for (virStorageVolPtr v : all) {
    if (char* xml = virStorageVolGetXMLDesc(v, 0)) listed.push_back(taken(xml));
  }
  return listed;
}

base::Result<VolumeInfo> make_volume(Connect c, const Call& call, const std::string& pool,
                                     const std::string& xml) {
  auto p = pool_of(c, call, pool);
  if (!p) return p.error();
  return made(virStorageVolCreateXML(p.value().get(), xml.c_str(), 0), call);
}

base::Result<VolumeInfo> copy_volume(Connect c, const Call& call, const std::string& pool,
                                     const std::string& xml, const std::string& source_pool,
                                     const std::string& source) {
  auto p = pool_of(c, call, pool);
  if (!p) return p.error();
  auto v = volume_of(c, call, source_pool, source);
  if (!v) return v.error();
  return made(virStorageVolCreateXMLFrom(p.value().get(), xml.c_str(), v.value().get(), 0), call);
}

base::Result<void> delete_volume(Connect c, const Call& call, const std::string& pool,
                                 const std::string& name) {
  auto v = volume_of(c, call, pool, name);
  if (!v) {
    if (v.error().type == "libvirt/no-volume") return {};
    return v.error();
  }
  return done(virStorageVolDelete(v.value().get(), 0), call);
}

base::Result<void> resize_volume(Connect c, const Call& call, const std::string& pool,
                                 const std::string& name, std::uint64_t bytes) {
  auto v = volume_of(c, call, pool, name);
  if (!v) return v.error();
  return done(virStorageVolResize(v.value().get(), bytes, 0), call);
}

namespace {

int read_file(virStreamPtr, char* into, size_t most, void* opaque) {
  ssize_t n = ::read(*static_cast<int*>(opaque), into, most);
  return static_cast<int>(n);
}

}  // namespace

base::Result<void> upload(Connect c, const Call& call, const std::string& pool, const std::string& name,
                          const std::string& file) {
  auto v = volume_of(c, call, pool, name);
  if (!v) return v.error();
  base::UniqueFd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (fd.get() < 0) return base::errno_error("file", "cannot read " + file, errno);
  StreamHandle stream(virStreamNew(c, 0));
  if (!stream) return last_error(call);
  if (virStorageVolUpload(v.value().get(), stream.get(), 0, 0, 0) < 0) return last_error(call);
  int raw = fd.get();
  if (virStreamSendAll(stream.get(), read_file, &raw) < 0) {
    base::Error error = last_error(call);
    virStreamAbort(stream.get());
    return error;
  }
  return done(virStreamFinish(stream.get()), call);
}

}  // namespace reops::libvirt
