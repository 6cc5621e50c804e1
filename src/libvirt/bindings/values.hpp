#pragma once
// What the libvirt room returns, as values of the language: maps with keywords.

#include "lang/builtin/def_native.hpp"
#include "lang/value/symbol.hpp"
#include "libvirt/domains.hpp"
#include "libvirt/event_log.hpp"
#include "libvirt/networks.hpp"
#include "libvirt/storage.hpp"

namespace reops::lang {

/// Builds a map; what is empty is left out.
class Fields {
 public:
  Fields() : map_(empty_map()) {}
  template <class T>
  Fields& put(const char* key, const T& value) {
    map_put(map_, Ref(keyword(key)), ToValue<T>::convert(value));
    return *this;
  }
  template <class T>
  Fields& put(const char* key, const std::optional<T>& value) {
    return value ? put(key, *value) : *this;
  }
  Fields& word(const char* key, const std::string& name) {
    map_put(map_, Ref(keyword(key)), Ref(keyword(name)));
    return *this;
  }
  Ref take() { return std::move(map_); }

 private:
  Ref map_;
};

template <>
struct ToValue<libvirt::DomainInfo> {
  static Ref convert(const libvirt::DomainInfo& d) {
    return Fields()
        .put("name", d.name)
        .put("uuid", d.uuid)
        .put("run", d.run)
        .word("state", d.state)
        .put("persistent", d.persistent)
        .put("saved", d.saved)
        .put("memory-kib", d.memory_kib)
        .put("cpus", d.cpus)
        .put("metadata", d.metadata)
        .take();
  }
};

template <>
struct ToValue<libvirt::Address> {
  static Ref convert(const libvirt::Address& a) {
    return Fields().put("address", a.address).put("prefix", a.prefix).take();
  }
};

template <>
struct ToValue<libvirt::Interface> {
  static Ref convert(const libvirt::Interface& i) {
    return Fields().put("name", i.name).put("mac", i.mac).put("addresses", i.addresses).take();
  }
};

template <>
struct ToValue<libvirt::Snapshot> {
  static Ref convert(const libvirt::Snapshot& s) {
    return Fields().put("name", s.name).put("xml", s.xml).take();
  }
};

template <>
struct ToValue<libvirt::PoolInfo> {
  static Ref convert(const libvirt::PoolInfo& p) {
    return Fields()
        .put("name", p.name)
        .put("active", p.active)
        .put("capacity", p.capacity)
        .put("available", p.available)
        .take();
  }
};

template <>
struct ToValue<libvirt::VolumeInfo> {
  static Ref convert(const libvirt::VolumeInfo& v) {
    return Fields()
        .put("name", v.name)
        .put("path", v.path)
        .put("capacity", v.capacity)
        .put("allocation", v.allocation)
        .take();
  }
};

template <>
struct ToValue<libvirt::NetworkInfo> {
  static Ref convert(const libvirt::NetworkInfo& n) {
    return Fields().put("name", n.name).put("bridge", n.bridge).put("active", n.active).take();
  }
};

template <>
struct ToValue<libvirt::Lease> {
  static Ref convert(const libvirt::Lease& l) {
    return Fields()
        .put("mac", l.mac)
        .put("address", l.address)
        .put("hostname", l.hostname)
        .put("expires", l.expires)
        .take();
  }
};

template <>
struct ToValue<libvirt::HostInfo> {
  static Ref convert(const libvirt::HostInfo& h) {
    return Fields()
        .put("hostname", h.hostname)
        .put("driver", h.driver)
        .put("version", h.version)
        .put("cpus", h.cpus)
        .put("memory-kib", h.memory_kib)
        .take();
  }
};

template <>
struct ToValue<libvirt::Event> {
  static Ref convert(const libvirt::Event& e) {
    return Fields()
        .put("number", static_cast<int64_t>(e.number))
        .word("kind", e.kind)
        .word("event", e.event)
        .put("domain", e.domain)
        .put("uuid", e.uuid)
        .take();
  }
};

}  // namespace reops::lang
