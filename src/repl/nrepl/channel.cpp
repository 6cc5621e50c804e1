#include "repl/nrepl/channel.hpp"

#include <utility>

#include "lang/vm/parking.hpp"

namespace reops::repl {

Channel::Channel(std::shared_ptr<base::Inbox> inbox, std::function<void()> flush)
    : inbox_(std::move(inbox)), flush_(std::move(flush)) {}

void Channel::send(Bencode::Dict message) {
  {
    const std::lock_guard held(lock_);
    if (closed()) return;
    seal_text();
    encode_bencode(encoded_, Bencode(std::move(message)));
    waiting_ = encoded_.size();
  }
  ask_for_flush();
}

bool Channel::send_text(const Bencode::Dict& frame, const char* stream, std::string_view text) {
  {
    const std::lock_guard held(lock_);
    if (closed()) return false;
    if (text_stream_ != stream || text_frame_ != frame) {
      seal_text();
      text_stream_ = stream;
      text_frame_ = frame;
    }
    text_ += text;
    waiting_ = encoded_.size() + text_.size();
  }
  ask_for_flush();
  return true;
}

void Channel::wait_until_read() {
  lang::park(this, [this] { return may_go_on(); });
}

std::string Channel::take() {
  const std::lock_guard held(lock_);
  seal_text();
  asked_ = false;
  // Counted as unwritten before it is no longer counted as waiting: no writer slips through in between.
  unwritten_ += encoded_.size();
  waiting_ = 0;
  return std::exchange(encoded_, {});
}

void Channel::note_unwritten(std::size_t bytes) {
  unwritten_ = bytes;
  lang::unpark(this);
}

void Channel::close() {
  {
    const std::lock_guard held(lock_);
    closed_ = true;
    encoded_.clear();
    text_.clear();
    text_stream_ = nullptr;
  }
  lang::unpark(this);
}

// The text gathered so far becomes a message.
void Channel::seal_text() {
  if (!text_.empty()) {
    Bencode::Dict message = std::exchange(text_frame_, {});
    message.insert_or_assign(text_stream_, std::exchange(text_, {}));
    encode_bencode(encoded_, Bencode(std::move(message)));
  }
  text_stream_ = nullptr;
}

void Channel::ask_for_flush() {
  {
    const std::lock_guard held(lock_);
    if (std::exchange(asked_, true)) return;
  }
  inbox_->post(flush_);
}

Bencode::Dict Request::frame() const {
  Bencode::Dict frame;
  if (id) frame.emplace("id", *id);
  if (!session.empty()) frame.emplace("session", session);
  return frame;
}

void Request::reply(Bencode::Dict message) const {
  message.merge(frame());
  channel->send(std::move(message));
}

void Request::reply_status(std::initializer_list<const char*> status, Bencode::Dict message) const {
  Bencode::List words;
  for (const char* word : status) words.emplace_back(word);
  message.insert_or_assign("status", std::move(words));
  reply(std::move(message));
}

}  // namespace reops::repl
