#include "libvirt/console.hpp"

#include "libvirt/handles.hpp"

namespace reops::libvirt {
namespace {

constexpr std::size_t k_kept = 256 << 10;

}  // namespace

struct Console::Heard {
  std::mutex mutex;
  std::string text;

  void add(std::string_view part) {
    std::lock_guard lock(mutex);
    text += part;
    if (text.size() > 2 * k_kept) text.erase(0, text.size() - k_kept);
  }
};

base::Result<std::shared_ptr<Console>> Console::open(Connect c, const Call& call, const DomainKey& key,
                                                     std::string name) {
  DomainHandle domain(key.is_uuid ? virDomainLookupByUUIDString(c, key.text.c_str())
                                  : virDomainLookupByName(c, key.text.c_str()));
  if (!domain) return last_error(call);
  StreamHandle stream(virStreamNew(c, VIR_STREAM_NONBLOCK));
  if (!stream || virDomainOpenConsole(domain.get(), nullptr, stream.get(), 0) < 0) return last_error(call);

  auto heard = std::make_shared<Heard>();
  auto* opaque = new std::shared_ptr<Heard>(heard);
  auto on_event = [](virStreamPtr s, int events, void* data) {
    char part[4096];
    int n = 0;
    while ((n = virStreamRecv(s, part, sizeof part)) > 0) {
      (*static_cast<std::shared_ptr<Heard>*>(data))->add({part, static_cast<std::size_t>(n)});
    }
    // -2 is nothing for now; what has ended or broken is not asked again.
    if (n != -2 || (events & (VIR_STREAM_EVENT_ERROR | VIR_STREAM_EVENT_HANGUP)))
      virStreamEventRemoveCallback(s);
  };
  auto forget = [](void* data) { delete static_cast<std::shared_ptr<Heard>*>(data); };
  int events = VIR_STREAM_EVENT_READABLE | VIR_STREAM_EVENT_ERROR | VIR_STREAM_EVENT_HANGUP;
  if (virStreamEventAddCallback(stream.get(), events, on_event, opaque, forget) < 0) {
    delete opaque;
    return last_error(call);
  }
  return std::shared_ptr<Console>(new Console(std::move(name), stream.release(), std::move(heard)));
}

Console::Console(std::string name, virStreamPtr stream, std::shared_ptr<Heard> heard)
    : name_(std::move(name)), stream_(stream), heard_(std::move(heard)) {}

Console::~Console() { close(); }

std::string Console::tail() const {
  std::lock_guard lock(heard_->mutex);
  const std::string& text = heard_->text;
  return text.size() > k_kept ? text.substr(text.size() - k_kept) : text;
}

void Console::close() {
  std::lock_guard lock(mutex_);
  if (!stream_) return;
  virStreamEventRemoveCallback(stream_);
  virStreamAbort(stream_);
  virStreamFree(stream_);
  stream_ = nullptr;
}

}  // namespace reops::libvirt
