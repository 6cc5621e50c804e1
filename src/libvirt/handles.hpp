#pragma once
// One owner for each kind of handle that libvirt's library gives out. For .cpp files of this room alone: the
// library's headers stay in them.

#include <libvirt/libvirt-qemu.h>
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

#include <cstdlib>
#include <memory>
#include <string>

namespace reops::libvirt {

template <class T, int (*release)(T*)>
struct Released {
  void operator()(T* handle) const { release(handle); }
};

using ConnectHandle = std::unique_ptr<virConnect, Released<virConnect, virConnectClose>>;
using DomainHandle = std::unique_ptr<virDomain, Released<virDomain, virDomainFree>>;
using SnapshotHandle = std::unique_ptr<virDomainSnapshot, Released<virDomainSnapshot, virDomainSnapshotFree>>;
using PoolHandle = std::unique_ptr<virStoragePool, Released<virStoragePool, virStoragePoolFree>>;
using VolumeHandle = std::unique_ptr<virStorageVol, Released<virStorageVol, virStorageVolFree>>;
using NetworkHandle = std::unique_ptr<virNetwork, Released<virNetwork, virNetworkFree>>;
using StreamHandle = std::unique_ptr<virStream, Released<virStream, virStreamFree>>;

/// A text that the library has allocated; empty for null.
inline std::string taken(char* text) {
  std::string copy = text ? text : "";
  std::free(text);
  return copy;
}

/// An array of handles that the library has allocated, as the list functions return it.
template <class Handle>
class HandleList {
 public:
  using Raw = typename Handle::pointer;
  HandleList() = default;
  HandleList(const HandleList&) = delete;
  HandleList& operator=(const HandleList&) = delete;
  ~HandleList() {
    for (int i = 0; i < count; ++i) Handle owner(items[i]);
    std::free(items);
  }
  Raw* begin() const { return items; }
  Raw* end() const { return items + (count > 0 ? count : 0); }

  Raw* items = nullptr;
  int count = 0;
};

}  // namespace reops::libvirt
