#include "repl/nrepl/streams.hpp"

#include <string_view>
#include <utility>

#include "lang/runtime/var.hpp"
#include "lang/vm/parking.hpp"

namespace reops::repl {
namespace {

constexpr size_t k_most_bytes = size_t{64} << 20;

}  // namespace

ClientWriter::ClientWriter(const Request& request, const char* stream)
    : channel_(request.channel), frame_(request.frame()), stream_(stream) {}

void ClientWriter::write(std::string_view text) {
  if (text.empty()) return;
  channel_->wait_until_read();
  if (channel_->send_text(frame_, stream_, text)) return;
  const bool is_out = std::string_view(stream_) == "out";
  lang::Var& own = *(is_out ? lang::core_vars().out : lang::core_vars().err);
  lang::writer_argument(own.load_root()).write(text);
}

bool InputQueue::push(const std::string& text) {
  {
    const std::lock_guard held(lock_);
    if (text_.size() + text.size() > k_most_bytes) return false;
    if (text.empty()) {
      end_ = true;
    } else {
      text_ += text;
    }
  }
  lang::unpark(this);
  return true;
}

void InputQueue::set_asked(const Request& request) {
  const std::lock_guard held(lock_);
  asked_ = request;
}

bool InputQueue::pull(std::string& buffer) {
  {
    const std::lock_guard held(lock_);
    if (!ready_locked() && asked_) asked_->reply_status({"need-input"});
  }
  lang::park(this, [this] { return has_something(); });
  const std::lock_guard held(lock_);
  if (text_.empty()) {
    end_ = false;
    ended_ = true;
    return false;
  }
  buffer += std::exchange(text_, {});
  return true;
}

bool InputQueue::has_something() {
  const std::lock_guard held(lock_);
  return ready_locked();
}

bool InputQueue::take_ended() {
  const std::lock_guard held(lock_);
  return std::exchange(ended_, false);
}

void InputQueue::close() {
  {
    const std::lock_guard held(lock_);
    closed_ = true;
  }
  lang::unpark(this);
}

}  // namespace reops::repl
