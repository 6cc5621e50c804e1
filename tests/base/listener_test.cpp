// Listening sockets: who may connect, what is replaced, what is left alone.

#include "base/listener.hpp"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cstring>

#include "base/files.hpp"

namespace reops::base {
namespace {

UniqueFd connect_unix(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) fd.reset();
  return fd;
}

mode_t mode_of(const std::string& path) {
  struct stat found {};
  return ::stat(path.c_str(), &found) == 0 ? found.st_mode & 07777 : 0;
}

TEST(Listener, AUnixSocketIsForItsOwnerAlone) {
  auto folder = TempFolder::create("listener");
  ASSERT_TRUE(folder.ok());
  const std::string path = folder.value().file("new/a.sock");
  auto listener = listen_unix(path);
  ASSERT_TRUE(listener.ok()) << listener.error().message;
  EXPECT_EQ(0600u, mode_of(path));
  EXPECT_EQ(0700u, mode_of(parent_folder(path)));
  auto nobody = accept_connection(listener.value());
  ASSERT_TRUE(nobody.ok());
  EXPECT_FALSE(nobody.value());
  UniqueFd client = connect_unix(path);
  ASSERT_TRUE(client);
  auto accepted = accept_connection(listener.value());
  ASSERT_TRUE(accepted.ok());
  EXPECT_TRUE(accepted.value());
}

TEST(Listener, ASocketThatNobodyListensOnIsReplaced) {
  auto folder = TempFolder::create("listener");
  const std::string path = folder.value().file("a.sock");
  { auto left_behind = listen_unix(path); }
  EXPECT_FALSE(connect_unix(path));
  auto listener = listen_unix(path);
  ASSERT_TRUE(listener.ok()) << listener.error().message;
  EXPECT_TRUE(connect_unix(path));
}

TEST(Listener, ASocketInUseAndOtherFilesAreLeftAlone) {
  auto folder = TempFolder::create("listener");
  const std::string path = folder.value().file("a.sock"), file = folder.value().file("precious");
  auto first = listen_unix(path);
  auto second = listen_unix(path);
  ASSERT_FALSE(second.ok());
  EXPECT_EQ("socket/in-use", second.error().type);
  EXPECT_TRUE(connect_unix(path));
  ASSERT_TRUE(write_file(file, "data").ok());
  auto over = listen_unix(file);
  ASSERT_FALSE(over.ok());
  EXPECT_EQ("socket/exists", over.error().type);
  EXPECT_EQ("data", read_file(file).value());
}

TEST(Listener, APathThatIsTooLongIsSaidToBe) {
  auto listener = listen_unix("/tmp/" + std::string(200, 'x'));
  ASSERT_FALSE(listener.ok());
  EXPECT_NE(std::string::npos, listener.error().message.find("205"));
}

TEST(Listener, ALoopbackPortIsChosenBySystem) {
  auto listener = listen_loopback(0);
  ASSERT_TRUE(listener.ok());
  EXPECT_GT(listener.value().port, 0);
  auto taken = listen_loopback(listener.value().port);
  ASSERT_FALSE(taken.ok());
  EXPECT_NE(std::string::npos, taken.error().message.find(std::to_string(listener.value().port)));
  sockaddr_in address{};
  socklen_t size = sizeof address;
  ASSERT_EQ(0, ::getsockname(listener.value().fd.get(), reinterpret_cast<sockaddr*>(&address), &size));
  EXPECT_EQ(htonl(INADDR_LOOPBACK), address.sin_addr.s_addr);
}

}  // namespace
}  // namespace reops::base
