#include "ssh/certificate_fetch.hpp"

#include <openssl/rand.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "ssh/wire_reader.hpp"

namespace reops::ssh {
namespace {

constexpr std::size_t k_longest_greeting = 16'384;
constexpr std::size_t k_longest_packet = 262'144;
constexpr std::size_t k_block = 8;
constexpr std::size_t k_least_padding = 4;

// RFC 4253 section 7.1 and RFC 8731.
constexpr char k_kexinit = 20;
constexpr char k_ecdh_init = 30;
constexpr char k_ecdh_reply = 31;
constexpr char k_disconnect = 1;

std::string random_bytes(std::size_t size) {
  std::string bytes(size, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(size)) != 1) return "";
  return bytes;
}

std::string packet(const std::string& payload) {
  std::size_t padding = k_block - (5 + payload.size()) % k_block;
  if (padding < k_least_padding) padding += k_block;
  return wire_number(static_cast<std::uint32_t>(1 + payload.size() + padding)) + static_cast<char>(padding) +
         payload + std::string(padding, '\0');
}

// All that has to be said: who we are, which kinds of certificates we take, and a value for the exchange that
// nobody will use.
std::string question() {
  const std::string ciphers = wire_text(
      "aes128-ctr,aes256-ctr,aes128-gcm@openssh.com,aes256-gcm@openssh.com,chacha20-poly1305@openssh.com");
  const std::string macs = wire_text(
      "hmac-sha2-256,hmac-sha2-512,hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com,hmac-sha1");
  const std::string compression = wire_text("none,zlib@openssh.com");
  const std::string init =
      std::string(1, k_kexinit) + random_bytes(16) +
      wire_text("curve25519-sha256,curve25519-sha256@libssh.org") +
      wire_text(
          "ssh-ed25519-cert-v01@openssh.com,ecdsa-sha2-nistp256-cert-v01@openssh.com,"
          "ecdsa-sha2-nistp384-cert-v01@openssh.com,ecdsa-sha2-nistp521-cert-v01@openssh.com,"
          "rsa-sha2-512-cert-v01@openssh.com,rsa-sha2-256-cert-v01@openssh.com") +
      ciphers + ciphers + macs + macs + compression + compression + wire_text("") + wire_text("") +
      std::string(5, '\0');
  return "SSH-2.0-reops\r\n" + packet(init) +
         packet(std::string(1, k_ecdh_init) + wire_text(random_bytes(32)));
}

}  // namespace

CertificateFetch::CertificateFetch(base::EventLoop& loop, base::UniqueFd socket, base::Millis allowed,
                                   OnDone on_done)
    : loop_(loop), socket_(std::move(socket)), allowed_(allowed), on_done_(std::move(on_done)) {}

CertificateFetch::~CertificateFetch() {
  loop_.cancel(timer_);
  loop_.unwatch(watch_);
}

void CertificateFetch::start() {
  timer_ = loop_.at(base::Deadline::in(allowed_), [this] { finish(std::nullopt); });
  const std::string text = question();
  // It is less than any buffer of a socket holds.
  const ssize_t sent = ::send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  auto watch = loop_.watch(socket_.get(), EPOLLIN, [this](std::uint32_t) { read(); });
  if (watch) watch_ = watch.value();
  if (!watch || sent != static_cast<ssize_t>(text.size())) {
    loop_.cancel(timer_);
    timer_ = loop_.at(base::Deadline::in(base::Millis(0)), [this] { finish(std::nullopt); });
  }
}

void CertificateFetch::read() {
  char buffer[16'384];
  const ssize_t got = ::recv(socket_.get(), buffer, sizeof buffer, MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got <= 0) return finish(std::nullopt);
  received_.append(buffer, static_cast<std::size_t>(got));
  if (!was_greeted_ && take_greeting()) return;
  if (!take_packets()) finish(std::move(found_));
}

// Lines, of which the last before the packets begins with "SSH-".
bool CertificateFetch::take_greeting() {
  for (;;) {
    const std::size_t end = received_.find('\n');
    if (end == std::string::npos) {
      if (received_.size() <= k_longest_greeting) return true;
      received_.clear();
      return false;
    }
    was_greeted_ = received_.starts_with("SSH-");
    received_.erase(0, end + 1);
    if (was_greeted_) return false;
  }
}

bool CertificateFetch::take_packets() {
  for (;;) {
    if (!was_greeted_) return false;
    WireReader reader(received_);
    const std::uint32_t size = reader.number();
    if (!reader.is_good()) return true;
    if (size < 1 + k_least_padding || size > k_longest_packet) return false;
    const std::string_view body = reader.take(size);
    if (!reader.is_good()) return true;
    const auto padding = static_cast<unsigned char>(body[0]);
    if (body.size() < 2U + padding) return false;
    const std::string_view payload = body.substr(1, body.size() - 1 - padding);
    if (payload[0] == k_disconnect) return false;
    if (payload[0] == k_ecdh_reply) {
      found_ = HostCertificate::parse(WireReader(payload.substr(1)).text());
      return false;
    }
    received_.erase(0, 4 + size);
  }
}

void CertificateFetch::finish(std::optional<HostCertificate> certificate) {
  loop_.cancel(timer_);
  loop_.unwatch(watch_);
  timer_ = 0;
  watch_ = 0;
  socket_.reset();
  if (const OnDone on_done = std::exchange(on_done_, nullptr)) on_done(std::move(certificate));
}

}  // namespace reops::ssh
