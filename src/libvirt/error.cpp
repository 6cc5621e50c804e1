#include "libvirt/error.hpp"

#include "libvirt/handles.hpp"

namespace reops::libvirt {
namespace {

std::string_view kind_of(const virError& e) {
  switch (e.code) {
    case VIR_ERR_NO_DOMAIN:
      return "no-domain";
    case VIR_ERR_NO_STORAGE_POOL:
      return "no-pool";
    case VIR_ERR_NO_STORAGE_VOL:
      return "no-volume";
    case VIR_ERR_NO_NETWORK:
      return "no-network";
    case VIR_ERR_NO_DOMAIN_SNAPSHOT:
      return "no-snapshot";
    case VIR_ERR_DOM_EXIST:
    case VIR_ERR_NETWORK_EXIST:
    case VIR_ERR_STORAGE_VOL_EXIST:
      return "exists";
    case VIR_ERR_NO_SUPPORT:
    case VIR_ERR_OPERATION_UNSUPPORTED:
    case VIR_ERR_ARGUMENT_UNSUPPORTED:
    case VIR_ERR_CONFIG_UNSUPPORTED:
      return "unsupported";
    case VIR_ERR_OPERATION_INVALID:
      return "invalid";
    case VIR_ERR_AGENT_UNRESPONSIVE:
    case VIR_ERR_AGENT_UNSYNCED:
      return "no-agent";
    case VIR_ERR_AUTH_FAILED:
    case VIR_ERR_AUTH_CANCELLED:
    case VIR_ERR_AUTH_UNAVAILABLE:
    case VIR_ERR_ACCESS_DENIED:
    case VIR_ERR_OPERATION_DENIED:
      return "denied";
    case VIR_ERR_NO_CONNECT:
      return "unreachable";
    case VIR_ERR_RPC:
      return "disconnected";
    default:
      return e.domain == VIR_FROM_RPC ? "disconnected" : "failed";
  }
}

}  // namespace

base::Error own_error(std::string_view type, const Call& call, std::string_view reason) {
  std::string message = call.uri + ": " + call.name;
  if (!call.object.empty()) message += " of " + call.object;
  message += ": ";
  message += reason;
  return {std::string(type),
          std::move(message),
          {{"provider", "kvm"}, {"call", call.name}, {"object", call.object}, {"uri", call.uri}}};
}

base::Error last_error(const Call& call) {
  virErrorPtr e = virGetLastError();
  if (!e || e->code == VIR_ERR_OK) {
    return base::Error{"libvirt/failed", call.uri + ": " + call.name + ": it failed without a word", {}};
  }
  base::Error error =
      own_error("libvirt/" + std::string(kind_of(*e)), call, e->message ? e->message : "it failed");
  error.data["code"] = std::to_string(e->code);
  return error;
}

void silence() {
  virSetErrorFunc(nullptr, [](void*, virErrorPtr) {});
}

}  // namespace reops::libvirt
