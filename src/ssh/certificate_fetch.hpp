#pragma once
// CertificateFetch: asks a host for the certificate of its key, on a connection of its own. libssh 0.10 never
// asks for one, so this goes through the beginning of a key exchange by hand, as far as the host's answer,
// and no further. Nothing is proven by that: a certificate is public. That the host has the key which it
// certifies is proven to libssh by the session that follows.

#include <functional>
#include <optional>
#include <string>

#include "base/event_loop.hpp"
#include "base/unique_fd.hpp"
#include "ssh/host_certificate.hpp"

namespace reops::ssh {

/// Loop-thread only. Calls `on_done` once, never from within start(), unless it is destroyed first.
class CertificateFetch {
 public:
  /// None, when the host has no certificate or does not answer in time.
  using OnDone = std::function<void(std::optional<HostCertificate>)>;

  /// Takes a connected socket.
  CertificateFetch(base::EventLoop& loop, base::UniqueFd socket, base::Millis allowed, OnDone on_done);
  ~CertificateFetch();
  CertificateFetch(const CertificateFetch&) = delete;
  CertificateFetch& operator=(const CertificateFetch&) = delete;

  void start();
  /// Whether the host has said that it is an SSH server.
  bool was_greeted() const { return was_greeted_; }

 private:
  void read();
  /// Whether there is more to wait for.
  bool take_greeting();
  bool take_packets();
  void finish(std::optional<HostCertificate> certificate);

  base::EventLoop& loop_;
  base::UniqueFd socket_;
  base::Millis allowed_;
  OnDone on_done_;
  base::EventLoop::TimerId timer_ = 0;
  base::EventLoop::WatchId watch_ = 0;
  bool was_greeted_ = false;
  std::string received_;
  std::optional<HostCertificate> found_;
};

}  // namespace reops::ssh
